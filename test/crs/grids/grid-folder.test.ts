/** Which file of a folder an operation uses, in which direction, and when another one is chosen. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { TilewrightError } from '../../../src/core/errors.ts';
import { GridFolder } from '../../../src/crs/grids/grid-folder.ts';
import type { GridStep } from '../../../src/crs/grids/loop.ts';
import {
  type DatumOperation,
  datumOperation,
} from '../../../src/crs/operations/datum-operation.ts';
import { operationNote, requireOperation } from '../../../src/crs/operations/report.ts';
import { parseCrs } from '../../../src/crs/parse.ts';
import { resolveCrs } from '../../../src/crs/resolve.ts';
import type { Bounds } from '../../../src/crs/table/records.ts';
import { createTransform, placeOf } from '../../../src/crs/transform.ts';
import { askProj, noProj } from './proj.ts';
import { nadcon, ntv2, pointsAround, sampleGrid } from './samples.ts';

const crs = (text: string) => resolveCrs(parseCrs(text));
const wgs84 = crs('EPSG:4326');
const nad83 = crs('EPSG:4269');

function folderOf(t: TestContext, files: Record<string, Buffer>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-grids-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return folder;
}

function operationIn(
  text: string,
  extent: Bounds | null,
  folder: string | null,
  to = wgs84,
): { operation: DatumOperation; note: string | null } {
  const from = crs(text);
  const grids = folder === null ? null : new GridFolder(folder);
  const operation = datumOperation(placeOf(from), placeOf(to), extent, grids);
  return { operation, note: operationNote(operation, from.definition, to.definition) };
}

const code = (expected: string, message: RegExp) => (error: TilewrightError) => {
  assert.equal(error.code, expected);
  assert.match(error.message, message);
  return true;
};

const germany = ntv2([sampleGrid(1, [5.5, 47], 0.25, [41, 33])], true);
const hesse = ntv2([sampleGrid(2, [8, 49], 0.1, [21, 21])], true);

describe('the folder', () => {
  test('one that is not there, or has no grids, is refused', (t) => {
    const folder = folderOf(t, {
      'notes.txt': Buffer.from('no grid'),
      'short.gsb': Buffer.from('N'),
    });
    mkdirSync(join(folder, 'sub.gsb'));
    assert.throws(() => new GridFolder(folder), code('config-invalid', /no file with grids/));
    const gone = join(folder, 'gone');
    assert.throws(() => new GridFolder(gone), code('config-invalid', /there is no folder .*gone/));
    assert.throws(
      () => new GridFolder(join(folder, 'notes.txt')),
      code('config-invalid', /can't be listed/),
    );
  });

  test('its key changes with names, sizes and times of grids, not with other files', (t) => {
    const folder = folderOf(t, { 'a.gsb': germany, 'b.gsb': hesse });
    const keys = [new GridFolder(folder).key];
    const note = (): void => void keys.push(new GridFolder(folder).key);
    writeFileSync(join(folder, 'c.gsb'), hesse);
    note();
    utimesSync(join(folder, 'a.gsb'), 1e9, 1e9);
    note();
    writeFileSync(join(folder, 'b.gsb'), germany);
    note();
    rmSync(join(folder, 'c.gsb'));
    note();
    assert.equal(new Set(keys).size, keys.length);
    writeFileSync(join(folder, 'README'), 'text');
    assert.equal(new GridFolder(folder).key, keys.at(-1));
  });
});

describe('files by their names', () => {
  const stepOf = (text: string, folder: string, extent: Bounds, to = wgs84): GridStep => {
    const { operation } = operationIn(text, extent, folder, to);
    const steps = operation.steps.filter((step): step is GridStep => step.kind === 'grid');
    assert.equal(steps.length, 1, JSON.stringify(operation));
    return steps[0]!;
  };

  test('EPSG’s name and PROJ’s, in any case', (t) => {
    for (const name of ['BETA2007.gsb', 'beta2007.GSB', 'de_adv_BETA2007.tif']) {
      const folder = folderOf(t, { [name]: germany });
      const { files } = stepOf('EPSG:4314', folder, [8, 50, 9, 51]);
      assert.deepEqual(
        files.map(({ path }) => path),
        [join(folder, name)],
      );
    }
  });

  test('what PROJ has turned round leads from NTF, what EPSG names leads to it', (t) => {
    // EPSG:15960 leads from WGS 84 to NTF.
    const france = ntv2([sampleGrid(3, [-6, 41], 0.5, [35, 25])], true);
    const extent: Bounds = [1, 46, 2, 47];
    const proj = stepOf('EPSG:4275', folderOf(t, { 'ntf_r93.gsb': france }), extent);
    assert.equal(proj.inverse, false);
    const epsg = stepOf('EPSG:4275', folderOf(t, { 'rgf93_ntf.gsb': france }), extent);
    assert.equal(epsg.inverse, true);
  });

  test('NADCON needs both files, or the one that PROJ has of both', (t) => {
    const grid = sampleGrid(4, [-131, 20], 0.25, [273, 121]);
    const [las, los] = nadcon(grid, true);
    const extent: Bounds = [-100, 35, -99, 36];
    const half = operationIn('EPSG:4267', extent, folderOf(t, { 'conus.las': las }), nad83);
    assert.ok(half.operation.steps.every(({ kind }) => kind !== 'grid'));
    assert.deepEqual(half.operation.missing?.grids, ['us_noaa_conus.tif']);
    const pair = stepOf(
      'EPSG:4267',
      folderOf(t, { 'CONUS.LAS': las, 'conus.los': los }),
      extent,
      nad83,
    );
    assert.match(pair.files[0]!.longitudes!.path, /conus\.los$/);
    const one = ntv2([grid], true);
    const { files } = stepOf('EPSG:4267', folderOf(t, { 'us_noaa_conus.tif': one }), extent, nad83);
    assert.equal(files[0]!.longitudes, undefined);
  });

  test('a grid in a format that is not read is not asked for', () => {
    // The best operation from NAD27 in the USA is NADCON5's; so the older one is advised.
    const { operation } = operationIn('EPSG:4267', [-100, 35, -99, 36], null, nad83);
    assert.deepEqual(operation.missing?.grids, ['us_noaa_conus.tif']);
  });
});

describe('the choice', () => {
  test('a grid that holds all of the input', (t) => {
    const folder = folderOf(t, { 'BETA2007.gsb': hesse });
    const { operation, note } = operationIn('EPSG:4314', [8.5, 49.5, 9.5, 50.5], folder);
    assert.deepEqual([operation.id, operation.leavesOut, note], ['EPSG:15949', false, null]);
  });

  test('another operation where the grid holds a part, and a note', (t) => {
    const folder = folderOf(t, { 'BETA2007.gsb': hesse });
    const { operation, note } = operationIn('EPSG:4314', [8.5, 49.5, 10.5, 50.5], folder);
    assert.equal(operation.id, 'EPSG:1777');
    assert.equal(operation.leavesOut, false);
    assert.match(note!, /BETA2007\.gsb does not hold all of the input/);
  });

  test('the grid where there is no other operation, and a note that some are left out', (t) => {
    const folder = folderOf(t, {
      'cq77na83.gsb': ntv2([sampleGrid(5, [-74, 45], 0.1, [31, 31])], true),
    });
    const [inside, across]: Bounds[] = [
      [-73, 46, -72, 47],
      [-73, 46, -70, 47],
    ];
    assert.equal(operationIn('EPSG:4609', inside!, folder).note, null);
    const { operation, note } = operationIn('EPSG:4609', across!, folder);
    assert.equal(operation.leavesOut, true);
    assert.match(
      note!,
      /grids do not hold all of the input: features that are outside .* not staged/,
    );
    const from = crs('EPSG:4609');
    const without = operationIn('EPSG:4609', inside!, null).operation;
    assert.throws(
      () => requireOperation(without, from.definition, wgs84.definition, false),
      code('crs-ballpark', /ca_que_mern_cq77na83\.tif into a folder .*--grids/),
    );
  });

  test('vertices outside are told from others without a place', (t) => {
    const folder = folderOf(t, { 'BETA2007.gsb': hesse });
    const { operation } = operationIn('EPSG:4314', [8.5, 49.5, 9.5, 50.5], folder);
    const transform = createTransform(crs('EPSG:31467'), wgs84, operation);
    const xy = Float64Array.of(3500000, 5540000, 3700000, 5540000, Number.NaN, 0, 1e300, 0);
    transform.apply(xy, 0, 4);
    const isLost = [0, 1, 2, 3].map((v) => Number.isNaN(xy[2 * v]!));
    assert.deepEqual(isLost, [false, true, true, true]);
    assert.deepEqual(
      [0, 1, 2, 3].map((v) => transform.outsideGrids(v, v + 1)),
      [false, true, false, false],
    );
    transform.apply(Float64Array.of(3500000, 5540000), 0, 1);
    assert.equal(transform.outsideGrids(0, 4), false);
  });
});

describe('+nadgrids', () => {
  const names = (list: string): string => `+proj=longlat +ellps=bessel +nadgrids=${list} +no_defs`;
  const extent: Bounds = [8.5, 49.5, 9.5, 50.5];

  test('a grid that must be there and is not is named', (t) => {
    const folder = folderOf(t, { 'hesse.gsb': hesse });
    for (const list of ['gone.gsb', 'hesse.gsb,gone.gsb,null']) {
      for (const where of [null, folder]) {
        assert.throws(
          () => operationIn(names(list), extent, where),
          code('crs-grid', where === null ? /the grid (gone|hesse)\.gsb/ : /the grid gone\.gsb/),
        );
      }
    }
  });

  test('one that may be absent is named in a note, and looked for again', (t) => {
    const { operation, note } = operationIn(names('@gone.gsb,null'), extent, null);
    assert.deepEqual([operation.steps, operation.needsGrids], [[], true]);
    assert.match(note!, /gone\.gsb/);
    const folder = folderOf(t, { 'gone.gsb': hesse });
    assert.equal(operationIn(names('@gone.gsb,null'), extent, folder).operation.steps.length, 1);
    // Coordinates of WGS 84, whatever the ellipsoid: no grid is asked for.
    assert.equal(operationIn(names('@null'), extent, folder).operation.needsGrids, false);
  });

  test('no file outside of the folder is read', (t) => {
    const folder = folderOf(t, { 'hesse.gsb': hesse });
    const other = folderOf(t, { 'other.gsb': germany });
    for (const name of [join(other, 'other.gsb'), '../other.gsb']) {
      assert.throws(() => operationIn(names(name), extent, folder), code('crs-grid', /other\.gsb/));
    }
  });

  test('for each point the first that holds it, null for the rest, as by PROJ', {
    skip: noProj,
  }, async (t) => {
    const folder = folderOf(t, { 'hesse.gsb': hesse, 'germany.gsb': germany });
    const points = pointsAround([sampleGrid(6, [4, 46], 0.25, [50, 40])], 1000);
    for (const list of [
      'hesse.gsb,germany.gsb',
      'germany.gsb,hesse.gsb,null',
      '@gone.gsb,hesse.gsb,null',
    ]) {
      const { operation } = operationIn(names(list), [4, 46, 16, 56], folder);
      const inFolder = list
        .split(',')
        .map((name) => (name === 'null' ? name : name.replace(/^(@?)/, `$1${folder}/`)))
        .join(',');
      const [theirs] = (await askProj([['shift', inFolder, points]])) as [[(number | null)[]]];
      const xy = Float64Array.from(points);
      createTransform(crs(names(list)), wgs84, operation).apply(xy, 0, points.length / 2);
      let shifted = 0;
      for (let i = 0; i < xy.length; i++) {
        const expected = theirs[0][i];
        if (expected === null || expected === undefined) assert.ok(Number.isNaN(xy[i]!), `${i}`);
        else assert.ok(Math.abs(xy[i]! - expected) < 1e-9, `${list}: ${xy[i]} is not ${expected}`);
        if (xy[i] !== points[i]) shifted++;
      }
      assert.ok(shifted > 20, `${list}: ${shifted}`);
    }
  });
});

describe('an operation that EPSG has replaced', () => {
  const extent: Bounds = [7, 46.5, 8, 47];

  test('counts while the grid of the other one is not at hand, or too small', (t) => {
    // EPSG:7788, by a grid, has replaced EPSG:1766, and that one EPSG:1753.
    const large = folderOf(t, {
      'CHENyx06_ETRS.gsb': ntv2([sampleGrid(8, [5, 45], 0.25, [25, 13])], true),
    });
    const small = folderOf(t, {
      'CHENyx06_ETRS.gsb': ntv2([sampleGrid(8, [5, 45], 0.25, [10, 13])], true),
    });
    assert.equal(operationIn('EPSG:21781', extent, null).operation.id, 'EPSG:1766');
    assert.equal(operationIn('EPSG:21781', extent, small).operation.id, 'EPSG:1766');
    assert.equal(operationIn('EPSG:21781', extent, large).operation.id, 'EPSG:7788');
  });

  test('also as one of two steps', () => {
    // Which PROJ 9.1 takes: Bern 1898 (Bern) to CH1903 (1) + CH1903 to WGS 84 (2).
    assert.equal(operationIn('EPSG:21780', extent, null).operation.id, 'EPSG:1765 + EPSG:1766');
  });
});
