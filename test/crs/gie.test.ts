/** PROJ's own conformance vectors. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { parseCrs } from '../../src/crs/parse.ts';
import { type Crs, resolveCrs } from '../../src/crs/resolve.ts';
import { createTransform, type Transform } from '../../src/crs/transform.ts';
import { type GieCheck, type GieOperation, readGie } from './gie-file.ts';

const folder = join(import.meta.dirname, '../../../shared/data/conformance/proj-gie/gie');
const skip = existsSync(folder) ? false : `no conformance data at ${folder}`;
const FILES = ['builtins.gie', 'more_builtins.gie', 'ellipsoid.gie'];
const RADIANS = Math.PI / 180;

interface Pair {
  forward: Transform;
  inverse: Transform;
  a: number;
}

/** The operation between longitude and latitude on its own ellipsoid and the projection. */
function pairOf(operation: GieOperation): Pair {
  let text = operation.text.trim();
  // PROJ's operations default to GRS 80; as a CRS the string would mean WGS 84.
  if (!/\b(ellps|datum|a|R)=/.test(text)) text += ' +ellps=GRS80';
  const size = text.split(/\s+/).filter((token) => /^\+?(ellps|datum|a|b|rf|R)=/.test(token));
  const projected: Crs = resolveCrs(parseCrs(text));
  const geographic = resolveCrs(parseCrs(['proj=longlat', ...size].join(' ')));
  return {
    forward: createTransform(geographic, projected),
    inverse: createTransform(projected, geographic),
    a: projected.definition.datum.ellipsoid.a,
  };
}

function apply(transform: Transform, [x, y]: [number, number]): [number, number] {
  const xy = Float64Array.of(x, y);
  transform.apply(xy, 0, 1);
  return [xy[0]!, xy[1]!];
}

/** Metres between two points; on the sphere of radius a for longitude and latitude. */
function distance(p: [number, number], q: [number, number], a: number | null): number {
  if (a === null) return Math.hypot(p[0] - q[0], p[1] - q[1]);
  const lon = (p[0] - q[0]) * RADIANS * Math.cos(q[1] * RADIANS);
  return a * Math.hypot(2 * Math.sin(lon / 2), (p[1] - q[1]) * RADIANS);
}

/** A sentence for each way in which the check fails. */
function failures(check: GieCheck, { forward, inverse, a }: Pair): string[] {
  const ahead = check.direction === 'forward';
  const result = apply(ahead ? forward : inverse, check.accept);
  if (check.expect === null) {
    return result.every(Number.isNaN) ? [] : [`line ${check.line}: ${result} and no failure`];
  }
  const off = distance(result, check.expect, ahead ? null : a);
  const messages: string[] = [];
  if (!(off <= check.tolerance)) {
    messages.push(`line ${check.line}: ${result}, ${off} m from ${check.expect}`);
  }
  if (check.roundtrip !== null) {
    const back = distance(apply(ahead ? inverse : forward, result), check.accept, ahead ? a : null);
    if (!(back <= check.roundtrip)) messages.push(`line ${check.line}: back ${back} m away`);
  }
  return messages;
}

interface Tally {
  operations: number;
  checks: number;
  roundtrips: number;
  refused: number;
  failed: string[];
  skipped: string[];
}

function run(projections: RegExp): Tally {
  const tally: Tally = {
    operations: 0,
    checks: 0,
    roundtrips: 0,
    refused: 0,
    failed: [],
    skipped: [],
  };
  for (const file of FILES) {
    for (const operation of readGie(join(folder, file))) {
      if (!projections.test(operation.text)) continue;
      const where = `${file}:${operation.line} ${operation.text.trim()}`;
      let pair: Pair;
      try {
        pair = pairOf(operation);
      } catch (error) {
        if (operation.fails) tally.refused++;
        else tally.skipped.push(`${where}: ${(error as Error).message}`);
        continue;
      }
      // Series that PROJ cuts short: off by a millimetre, more on an ellipsoid as flat as Saturn.
      const short = /evenden_snyder|\+approx|\bR_[AV]\b|\bb=6000000\b/.test(operation.text);
      const reason = operation.fails ? 'PROJ refuses it' : short ? 'another series' : null;
      if (reason !== null) {
        tally.skipped.push(`${where}: ${reason}`);
        continue;
      }
      tally.operations++;
      for (const check of operation.checks) {
        tally.checks++;
        if (check.roundtrip !== null) tally.roundtrips++;
        tally.failed.push(...failures(check, pair).map((text) => `${where}: ${text}`));
      }
    }
  }
  return tally;
}

function report(t: TestContext, tally: Tally): void {
  const { operations, checks, roundtrips, refused } = tally;
  t.diagnostic(
    `${operations} operations, ${checks} checks, ${roundtrips} round trips; ` +
      `${refused} rightly refused, ${tally.skipped.length} operations skipped`,
  );
  for (const text of tally.skipped) t.diagnostic(`skipped ${text}`);
  for (const text of tally.failed) t.diagnostic(`failed ${text}`);
}

describe("PROJ's gie vectors", { skip }, () => {
  test('merc, stere, ups, utm and tmerc in own loops, within their tolerances', (t) => {
    const tally = run(/^\s*\+?proj=(merc|webmerc|stere|ups|utm|tmerc|etmerc)\b/);
    report(t, tally);
    assert.deepEqual(tally.failed, []);
    assert.deepEqual([tally.operations, tally.checks, tally.roundtrips], [34, 164, 55]);
  });

  test('laea, lcc, aea and eqc, within their tolerances', (t) => {
    const tally = run(/^\s*\+?proj=(laea|lcc|aea|eqc)\b/);
    report(t, tally);
    assert.deepEqual(tally.failed, []);
    assert.deepEqual([tally.operations, tally.checks], [25, 138]);
  });
});
