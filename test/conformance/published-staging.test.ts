/**
 * Each set of OGC's registry is staged into: triangles given in degrees, whose tiles are told by
 * PROJ's positions and the published numbers.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { InlineExecutor } from '../../src/parallel/inline-executor.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { noPyproj } from '../crs/notations/pyproj.ts';
import { seededRandom } from '../geometry/random.ts';
import {
  blobRings,
  NO_SHARED_DATA,
  polygonWkb,
  readTiles,
  sharedData,
  temporaryFolder,
} from '../staging/support.ts';
import { writeGeoPackage } from '../staging/write-geopackage.ts';
import { PlainMatrix, type PublishedSet, publishedSets, type Triangle } from './published-sets.ts';

const REGISTRY = sharedData('conformance/ogc-tms/registry/json');
const skip = (REGISTRY === null && NO_SHARED_DATA) || noPyproj;
/** Parts of a tile: what datums and rounding may move a triangle by. */
const SLACK = 0.01;
const FEATURES = 30;
/** In degrees; tiles of about these sizes are staged. */
const SIZES = [3, 0.2, 0.01];

/** Middles and half sizes of where a set is used, in degrees, and how far from there it is left. */
function areaOf(id: string): { lon: number; lat: number; width: number; height: number } {
  const zone = /^UTM(\d\d)/.exec(id)?.[1];
  if (zone !== undefined) return { lon: 6 * Number(zone) - 183, lat: 0, width: 6, height: 80 };
  if (id === 'CanadianNAD83_LCC') return { lon: -95, lat: 62, width: 30, height: 15 };
  if (id === 'EuropeanETRS89_LAEAQuad') return { lon: 10, lat: 50, width: 15, height: 12 };
  if (id === 'UPSArcticWGS84Quad') return { lon: 0, lat: 75, width: 179, height: 14 };
  if (id === 'UPSAntarcticWGS84Quad') return { lon: 0, lat: -75, width: 179, height: 14 };
  return { lon: 0, lat: 0, width: 179, height: 89 };
}

/** Degrees that each set's extent leaves out; none where it is the whole of the Earth. */
function beyond(id: string): [lon: number, lat: number] | null {
  const zone = /^UTM(\d\d)/.exec(id)?.[1];
  if (zone !== undefined) return [((6 * Number(zone) - 183 + 75 + 540) % 360) - 180, 1];
  if (id === 'EuropeanETRS89_LAEAQuad') return [-30, 30];
  if (id === 'UPSArcticWGS84Quad') return [20, -70];
  if (id === 'UPSAntarcticWGS84Quad') return [20, 70];
  if (id === 'WebMercatorQuad' || id === 'WorldMercatorWGS84Quad') return [20, 87];
  if (id === 'CanadianNAD83_LCC') return [-95, -20];
  return null;
}

interface Case {
  set: PublishedSet;
  z: number;
  matrix: PlainMatrix;
  /** In degrees, then where PROJ puts their corners. */
  triangles: Triangle[];
  placed: Triangle[];
  beyond: number;
}

function makeCase(set: PublishedSet, size: number, seed: number): Case {
  const random = seededRandom(seed);
  const degrees = /4326|CRS84/.test(set.crs);
  const matrices = set.tileMatrices.map((json) => ({ json, matrix: new PlainMatrix(set, json) }));
  const wanted = Math.log2(degrees ? size : size * 111_000);
  const far = ({ matrix }: { matrix: PlainMatrix }): number =>
    Math.abs(Math.log2(matrix.span[0]) - wanted);
  const { json, matrix } = matrices.reduce((a, b) => (far(b) < far(a) ? b : a));
  const area = areaOf(set.id);
  const outside = beyond(set.id);
  const triangles = Array.from({ length: FEATURES }, (_, k): Triangle => {
    const isOut = outside !== null && k % 5 === 0;
    const lon = isOut ? outside[0] : area.lon + area.width * (2 * random() - 1) * 0.9;
    const lat = isOut ? outside[1] : area.lat + area.height * (2 * random() - 1) * 0.9;
    // Longer along the parallel where this is short.
    const wide = Math.min(2, 1 / Math.cos((lat * Math.PI) / 180));
    const corner = (): [number, number] => [
      lon + size * wide * (random() - 0.5),
      lat + size * (random() - 0.5),
    ];
    return [...corner(), ...corner(), ...corner()];
  });
  const out = outside === null ? 0 : Math.ceil(FEATURES / 5);
  return { set, z: Number(json.id), matrix, triangles, placed: [], beyond: out };
}

const PROGRAM = `
import json, sys
from pyproj import Transformer
results = []
for crs, points in json.load(sys.stdin):
    t = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    x, y = t.transform(points[0::2], points[1::2])
    results.append([n for pair in zip(x, y) for n in pair])
json.dump(results, sys.stdout)
`;

function placeByProj(cases: Case[]): void {
  const asked = cases.map(({ set, triangles }) => {
    const code = /EPSG\/0\/(\d+)$/.exec(set.crs)?.[1];
    return [code === undefined ? 'OGC:CRS84' : `EPSG:${code}`, triangles.flat()];
  });
  const { stdout, stderr, status } = spawnSync('/usr/bin/python3', ['-c', PROGRAM], {
    input: JSON.stringify(asked),
    maxBuffer: 1 << 28,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  for (const [i, points] of (JSON.parse(stdout) as number[][]).entries()) {
    const { triangles, placed } = cases[i]!;
    for (let k = 0; k < triangles.length; k++) {
      placed.push(points.slice(6 * k, 6 * k + 6) as Triangle);
    }
  }
}

describe("staging into the sets of OGC's registry", { skip }, () => {
  const cases = skip
    ? []
    : publishedSets(REGISTRY!).flatMap((set, n) => {
        const isZone = set.id.startsWith('UTM');
        const sizes = isZone ? [SIZES[n % SIZES.length]!] : SIZES;
        return sizes.map((size, k) => makeCase(set, size, 3 * n + k + 1));
      });
  if (!skip) placeByProj(cases);
  const met = { rows: 0, outside: 0 };

  for (const one of cases) {
    const { set, z, matrix, triangles, placed } = one;
    it(`${set.id} at z ${z}`, async (t) => {
      const folder = temporaryFolder(t);
      const input = join(folder, 'input.gpkg');
      writeGeoPackage(input, {
        ...{ layer: 'l', srsId: 4326, columns: [{ name: 'n', type: 'INTEGER' }] },
        rows: triangles.map(([a, b, c, d, e, f], n) => ({
          wkb: polygonWkb([
            [
              [a, b],
              [c, d],
              [e, f],
              [a, b],
            ],
          ]),
          values: [n],
        })),
      });
      const dirStaged = join(folder, 'staged');
      const stager = new TileStager({ dirInput: input, dirStaged, tmsId: set.id, z });
      const result = await stager.stageAll({ executor: new InlineExecutor() });
      // Between datums an operation is chosen for an area, which some of the features are outside of.
      for (const warning of result.warnings)
        assert.match(warning, /made for an area that does not/);
      const found = triangles.map(() => new Set<string>());
      for (const { tile, values, geometry } of readTiles(dirStaged)) {
        const [tms, level, column, row] = tile.replace('.gpkg', '').split('/');
        assert.deepEqual([tms, level], [set.id, String(z)]);
        const n = values['n'] as number;
        found[n]!.add(`${column}/${row}`);
        met.rows++;
        // Each corner is where PROJ has it.
        const corners = blobRings(geometry)[0]!.slice(0, 3);
        for (let k = 0; k < 6; k += 2) {
          const [x, y] = [placed[n]![k]!, placed[n]![k + 1]!];
          const near = Math.min(...corners.map(([u, v]) => Math.hypot(u! - x, v! - y)));
          assert.ok(near < SLACK * matrix.span[0], `${n}: ${near} from ${x}, ${y}`);
        }
      }
      let outside = 0;
      for (const [n, triangle] of placed.entries()) {
        const { sure, maybe } = matrix.cover(triangle, SLACK);
        for (const tile of found[n]!) assert.ok(maybe.has(tile), `${n}: ${tile} of ${[...maybe]}`);
        for (const tile of sure) assert.ok(found[n]!.has(tile), `${n}: no ${tile}`);
        if (found[n]!.size === 0) outside++;
      }
      const { drops } = result.inputs[0] as { drops: Record<string, { count: number }> };
      const counted = outside === 0 ? {} : { 'outside the TileMatrixSet': outside };
      assert.deepEqual(
        Object.fromEntries(Object.entries(drops).map(([reason, { count }]) => [reason, count])),
        counted,
      );
      assert.ok(outside >= one.beyond && outside < FEATURES / 2, `${outside} outside`);
      met.outside += outside;
    });
  }

  it('is of all of them', () => {
    assert.equal(new Set(cases.map(({ set }) => set.id)).size, 69);
    assert.ok(met.rows > 2000 && met.outside > 400, JSON.stringify(met));
  });
});
