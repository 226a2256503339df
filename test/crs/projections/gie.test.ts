/** PROJ's own conformance vectors, for the formulas of each method. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { MethodName, Parameters } from '../../../src/crs/definition.ts';
import { parseDefinition } from '../../../src/crs/notations/parse.ts';
import type { Loop, Projection } from '../../../src/crs/projections/projection.ts';
import { projectionOf } from '../../../src/crs/projections/registry.ts';
import { type GieCheck, type GieOperation, readGie } from './gie-file.ts';

const folder = join(import.meta.dirname, '../../../../shared/data/conformance/proj-gie/gie');
const skip = existsSync(folder) ? false : `no conformance data at ${folder}`;
const FILES = ['builtins.gie', 'more_builtins.gie', 'ellipsoid.gie'];
const RADIANS = Math.PI / 180;

interface Operation extends Projection {
  method: MethodName;
  a: number;
}

/** @throws what refuses the string or its parameters */
function operationOf(text: string): Operation | null {
  let crs = text.trim();
  // PROJ's operations default to GRS 80; as a CRS the string would mean WGS 84.
  if (!/\b(ellps|datum|a|R)=/.test(crs) && !crs.includes('krovak')) crs += ' +ellps=GRS80';
  const { method, parameters, unit, datum } = parseDefinition(crs);
  if (method === null) return null;
  const factory = projectionOf(method);
  if (factory === null) return null;
  const { falseEasting = 0, falseNorthing = 0 } = parameters;
  const scaled: Parameters = {
    ...parameters,
    falseEasting: falseEasting / unit,
    falseNorthing: falseNorthing / unit,
  };
  if (parameters.height !== undefined) scaled.height = parameters.height / unit;
  const { a, es } = datum.ellipsoid;
  return { ...factory(a / unit, es, scaled), method, a: a / unit };
}

function apply(loop: Loop, [x, y]: [number, number]): [number, number] {
  const xy = Float64Array.of(x, y);
  loop(xy, 0, 1);
  return [xy[0]!, xy[1]!];
}

/** Metres between two points; on the sphere of radius a for longitude and latitude. */
function distance(p: [number, number], q: [number, number], a: number | null): number {
  if (a === null) return Math.hypot(p[0] - q[0], p[1] - q[1]);
  const lon = (p[0] - q[0]) * RADIANS * Math.cos(q[1] * RADIANS);
  return a * Math.hypot(2 * Math.sin(lon / 2), (p[1] - q[1]) * RADIANS);
}

/** A sentence for each way in which the check fails. */
function failures(check: GieCheck, { forward, inverse, a }: Operation): string[] {
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
  failed: string[];
}

function run(operation: GieOperation, where: string, tallies: Map<string, Tally>): string | null {
  let made: Operation | null;
  try {
    made = operationOf(operation.text);
  } catch (error) {
    return operation.fails ? null : (error as Error).message;
  }
  if (made === null) return 'no formulas';
  const tally = tallies.get(made.method) ?? { operations: 0, checks: 0, failed: [] };
  tallies.set(made.method, tally);
  if (operation.fails) {
    tally.failed.push(`${where}: PROJ refuses it`);
    return null;
  }
  tally.operations++;
  for (const check of operation.checks) {
    tally.checks++;
    tally.failed.push(...failures(check, made).map((text) => `${where}: ${text}`));
  }
  return null;
}

/** Lines where PROJ and these formulas are meant to differ, and why. */
const DEPARTURES: readonly [where: RegExp, why: string][] = [
  [
    /proj=aeqd \+R=1 \+lat_0=-?90: line (276|309)/,
    'the opposite pole has the image of its longitude',
  ],
  [/algo=evenden_snyder/, 'the exact formulas are taken, not the approximate ones'],
  [/proj=(utm|ups) .*: PROJ refuses it/, 'they are as good on a sphere'],
  [/proj=krovak \+ellps=GRS80/, 'PROJ takes the ellipsoid Bessel 1841 whatever is said'],
  [/proj=utm .* b=6000000/, 'the series of PROJ are short for so flat an ellipsoid'],
  [/ R_[AV]: line/, "PROJ has the sphere's radius from a short series"],
  [/krovak .*\+czech/, 'what the axes do is not of the formulas'],
  [/proj=labrd .*line 3559/, 'nothing is wrong with an origin on the equator'],
  [/proj=nzmg/, 'points of Africa have no image in New Zealand'],
  [/proj=ob_tran .*latlon/, 'turned coordinates are degrees here, radians there'],
  [/proj=gnom \+a=1 \+rf=200/, 'the sphere is taken, as ESRI and PROJ 9.1 do'],
  [/\+h=1e11: PROJ refuses it/, 'it is far away, not wrong'],
  [/proj=ortho \+ellps=WGS84: line 58(60|70)/, 'rounding explains 0.1 mm beyond the horizon'],
  [/proj=eck4 .* and no failure/, 'rounding explains a point so little beyond the edge'],
  [/proj=eck4 .*, 0\.1\d* m from/, 'the pole of a rounded point is no nearer'],
  [/proj=eqearth \+R=1: line 686/, 'a point outside the map is not moved to its edge'],
  [/proj=ortho .*: line 5700/, 'where PROJ iterates in vain, the point has a closed form'],
  [/proj=vandg .*\+over/, 'the world is in the circle once'],
  [
    /proj=wink2 .*: line 83(86|90|94|98)/,
    "PROJ's iteration stops 7 km short of the parameter there",
  ],
];

/** Methods, and how many operations and checks of each the files have, at least. */
const COUNTS = {
  'azimuthal-equidistant': [11, 43],
  guam: [1, 2],
  'cassini-soldner': [4, 19],
  'cassini-soldner-hyperbolic': [1, 1],
  'transverse-mercator': [19, 110],
  krovak: [3, 12],
  laborde: [2, 9],
  'lambert-conformal-2sp': [5, 23],
  'lambert-conformal-2sp-michigan': [2, 8],
  'mercator-a': [9, 37],
  'new-zealand-map-grid': [1, 8],
  'hotine-two-point': [2, 9],
  'hotine-b': [3, 17],
  stereographic: [2, 16],
  'polar-stereographic-a': [3, 12],
  'polar-stereographic-b': [3, 6],
  'oblique-stereographic': [6, 33],
  'gauss-schreiber': [1, 8],
  'colombia-urban': [1, 1],
  aitoff: [1, 8],
  albers: [3, 19],
  'american-polyconic': [2, 16],
  bonne: [8, 28],
  'compact-miller': [1, 8],
  craster: [1, 8],
  'cylindrical-equal-area': [2, 18],
  'eckert-1': [1, 8],
  'eckert-2': [1, 8],
  'eckert-3': [1, 8],
  'eckert-4': [1, 28],
  'eckert-5': [1, 8],
  'eckert-6': [1, 8],
  'equal-earth': [3, 31],
  'equidistant-conic': [2, 16],
  'equidistant-cylindrical': [6, 34],
  'flat-polar-quartic': [1, 8],
  gall: [1, 8],
  'geostationary-y': [2, 16],
  gnomonic: [8, 54],
  'goode-homolosine': [1, 8],
  hammer: [1, 8],
  'interrupted-goode-homolosine': [1, 20],
  'interrupted-goode-homolosine-ocean': [1, 23],
  'lambert-azimuthal-equal-area': [9, 54],
  miller: [1, 8],
  mollweide: [1, 12],
  'natural-earth': [1, 8],
  'natural-earth-2': [1, 8],
  orthographic: [11, 87],
  patterson: [1, 8],
  'quartic-authalic': [2, 16],
  robinson: [1, 17],
  sinusoidal: [2, 16],
  times: [1, 10],
  'two-point-equidistant': [2, 16],
  'van-der-grinten': [3, 17],
  'vertical-perspective': [4, 20],
  'wagner-4': [1, 8],
  'wagner-5': [1, 8],
  'wagner-7': [1, 4],
  'winkel-1': [1, 8],
  'winkel-2': [1, 8],
  'winkel-tripel': [1, 8],
} as const;

test("PROJ's gie vectors", { skip }, (t) => {
  const tallies = new Map<string, Tally>();
  for (const file of FILES) {
    for (const operation of readGie(join(folder, file))) {
      if (!/^\s*\+?proj=(?!pipeline)/.test(operation.text)) continue;
      const where = `${file}:${operation.line} ${operation.text.trim()}`;
      const passedOver = run(operation, where, tallies);
      if (passedOver !== null) t.diagnostic(`passed over ${where}: ${passedOver.slice(0, 60)}`);
    }
  }
  const failed: string[] = [];
  for (const [method, tally] of tallies) {
    t.diagnostic(`${method}: ${tally.operations} operations, ${tally.checks} checks`);
    for (const text of tally.failed) {
      const departure = DEPARTURES.find(([where]) => where.test(text));
      if (departure === undefined) failed.push(text);
      if (departure !== undefined) t.diagnostic(`  ${text}; for ${departure[1]}`);
    }
  }
  assert.deepEqual(failed, []);
  for (const [method, counts] of Object.entries(COUNTS)) {
    const { operations, checks } = tallies.get(method) ?? { operations: 0, checks: 0 };
    assert.ok(operations >= counts[0] && checks >= counts[1], `${method}: ${checks} checks`);
  }
});
