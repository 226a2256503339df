/** Equal-area, equidistant, perspective and world projections beside PROJ's. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import type { MethodName, ParameterName, Parameters } from '../../../src/crs/definition.ts';
import { projectionOf } from '../../../src/crs/projections/registry.ts';
import {
  type Agreement,
  between,
  compareWithProj,
  ELLIPSOIDS,
  randomPoints,
  type Sample,
} from './agreement.ts';
import { noPyproj } from './pyproj.ts';

interface Witness {
  /** What PROJ calls it, with fixed options. */
  proj: string;
  /** What PROJ calls parameters; the values are drawn by the names' kinds. */
  keys?: { [name in ParameterName]?: string };
  /** Metres; 1e-6 when left out. Wider ones say why beside them. */
  forward?: number;
  inverse?: number;
  roundTrip?: number;
  /** Points which only one of the two projects, by what is said beside it. */
  differs?: (keyof Agreement)[];
  /** The sphere that PROJ is to use: with the semi-major axis, or of the ellipsoid's area. */
  sphere?: 'equatorial' | 'authalic';
  /** Degrees of latitude: no points beyond, where PROJ loses digits. */
  upTo?: number;
  /** No points within a degree of the centre, or of both axes, where PROJ loses digits. */
  off?: 'centre' | 'axes';
}

const ORIGIN = { latitudeOfOrigin: 'lat_0' } as const;
const CONE = { ...ORIGIN, standardParallel1: 'lat_1', standardParallel2: 'lat_2' } as const;
const CYLINDER = { standardParallel1: 'lat_ts' } as const;

const WITNESSES: { [method in MethodName]?: Witness } = {
  // With parallels nearly opposite PROJ subtracts large radii.
  albers: { proj: 'aea', keys: CONE, forward: 1e-5 },
  // Errors of both grow without bound towards the antipode.
  'lambert-azimuthal-equal-area': {
    proj: 'laea',
    keys: ORIGIN,
    upTo: 89,
    forward: 1e-4,
    inverse: 1e-4,
    roundTrip: 1e-4,
  },
  'lambert-azimuthal-equal-area-spherical': {
    proj: 'laea',
    keys: ORIGIN,
    sphere: 'authalic',
    upTo: 89,
    forward: 1e-4,
    inverse: 1e-4,
    roundTrip: 1e-4,
  },
  'cylindrical-equal-area': { proj: 'cea', keys: CYLINDER },
  'cylindrical-equal-area-spherical': { proj: 'cea', keys: CYLINDER, sphere: 'authalic' },
  'equal-earth': { proj: 'eqearth' },
  'equidistant-cylindrical-spherical': {
    proj: 'eqc',
    keys: { ...CYLINDER, ...ORIGIN },
    sphere: 'equatorial',
  },
  // PROJ subtracts a cosine from 1 near the equator, has the meridian's length to 1e-5 m, and its
  // iteration ends far from the central meridian.
  'american-polyconic': {
    proj: 'poly',
    keys: ORIGIN,
    forward: 1e-4,
    inverse: 1e-4,
    differs: ['extraBack'],
  },
  orthographic: { proj: 'ortho', keys: ORIGIN, differs: ['extraBack'] },
  'orthographic-spherical': { proj: 'ortho +f=0', keys: ORIGIN },
  // PROJ has the meridian's length to 1e-5 m.
  sinusoidal: { proj: 'sinu', forward: 1e-5, inverse: 1e-5 },
  mollweide: { proj: 'moll', upTo: 89 },
  robinson: { proj: 'robin' },
  'wagner-4': { proj: 'wag4' },
  'wagner-5': { proj: 'wag5' },
  // PROJ 9.1 has no inverse.
  'wagner-7': { proj: 'wag7', differs: ['extraBack'] },
  // PROJ has the meridian's length to 1e-5 m, and no inverse in the south.
  bonne: {
    proj: 'bonne',
    keys: { latitudeOfOrigin: 'lat_1' },
    forward: 1e-4,
    inverse: 1e-4,
    differs: ['extraBack'],
  },
  // Likewise, divided by its difference between parallels that may be close.
  'equidistant-conic': { proj: 'eqdc', keys: CONE, forward: 1e-3, inverse: 1e-3 },
  // PROJ takes the height from the sides alone.
  'two-point-equidistant': {
    proj: 'tpeqd',
    forward: 1,
    inverse: 1,
    roundTrip: 1e-3,
    keys: {
      latitudeOfPoint1: 'lat_1',
      longitudeOfPoint1: 'lon_1',
      latitudeOfPoint2: 'lat_2',
      longitudeOfPoint2: 'lon_2',
    },
  },
  gnomonic: { proj: 'gnom', keys: ORIGIN },
  'vertical-perspective': { proj: 'nsper', keys: { ...ORIGIN, height: 'h' } },
  // On a sphere PROJ projects what the satellite doesn't see.
  'geostationary-x': { proj: 'geos +sweep=x', keys: { height: 'h' }, differs: ['missing'] },
  'geostationary-y': { proj: 'geos +sweep=y', keys: { height: 'h' }, differs: ['missing'] },
  miller: { proj: 'mill', sphere: 'authalic' },
  'compact-miller': { proj: 'comill' },
  gall: { proj: 'gall' },
  patterson: { proj: 'patterson' },
  'natural-earth': { proj: 'natearth' },
  'natural-earth-2': { proj: 'natearth2' },
  'eckert-1': { proj: 'eck1' },
  'eckert-2': { proj: 'eck2' },
  'eckert-3': { proj: 'eck3' },
  'eckert-4': { proj: 'eck4', upTo: 89 },
  'eckert-5': { proj: 'eck5' },
  'eckert-6': { proj: 'eck6' },
  'winkel-1': { proj: 'wink1', keys: CYLINDER },
  // PROJ's iteration stops early.
  'winkel-2': { proj: 'wink2', upTo: 80, keys: { standardParallel1: 'lat_1' } },
  // PROJ has an arc cosine near its 1; and its inverse gives up, now and then.
  'winkel-tripel': {
    proj: 'wintri',
    keys: { standardParallel1: 'lat_1' },
    off: 'centre',
    differs: ['extraBack'],
  },
  // Both lose digits towards the poles, PROJ also near the axes.
  'van-der-grinten': {
    proj: 'vandg',
    sphere: 'authalic',
    off: 'axes',
    forward: 1e-2,
    inverse: 1e-3,
    roundTrip: 1e-3,
  },
  craster: { proj: 'crast' },
  'flat-polar-quartic': { proj: 'mbtfpq' },
  'quartic-authalic': { proj: 'qua_aut' },
  // PROJ loses digits near its own parallel.
  loximuthal: { proj: 'loxim', keys: { latitudeOfOrigin: 'lat_1' }, forward: 1e-3, inverse: 1e-3 },
  times: { proj: 'times' },
  aitoff: { proj: 'aitoff', off: 'centre' },
  // PROJ has no inverse of the poles.
  hammer: { proj: 'hammer', differs: ['extraBack'] },
  'goode-homolosine': { proj: 'goode', upTo: 89 },
  'interrupted-goode-homolosine': { proj: 'igh', upTo: 89 },
  'interrupted-goode-homolosine-ocean': { proj: 'igh_o', upTo: 89 },
};

function drawn(random: Random, name: ParameterName, key: string): number {
  if (name === 'height') return 10 ** between(random, 5.5, 8);
  // Two points that PROJ takes to be on one side of the globe.
  if (name.startsWith('longitude')) return between(random, -85, 85);
  const special = random.next();
  if (key === 'lat_0' && special < 0.3) return special < 0.1 ? 90 : special < 0.2 ? -90 : 0;
  return between(random, -85, 85);
}

/** Snyder 1987, eq. 3-13, of half the surface's closed form. */
function authalicRadius(a: number, es: number): number {
  const e = Math.sqrt(es);
  return es === 0 ? a : a * Math.sqrt((1 + ((1 - es) / e) * Math.atanh(e)) / 2);
}

function samples(method: MethodName, witness: Witness, seed: number): Sample[] {
  const random = new Random(seed);
  return Array.from({ length: 10 }, (_, k) => {
    const [a, es] = ELLIPSOIDS[k % ELLIPSOIDS.length]!;
    const parameters: Parameters = {
      longitudeOfOrigin: [0, 180, -150][k] ?? between(random, -180, 180),
      falseEasting: [0, 500000][k] ?? between(random, -1e7, 1e7),
      falseNorthing: [0, 0][k] ?? between(random, -1e7, 1e7),
    };
    const keys: [ParameterName, string][] = [
      ['longitudeOfOrigin', 'lon_0'],
      ['falseEasting', 'x_0'],
      ['falseNorthing', 'y_0'],
    ];
    for (const [name, key] of Object.entries(witness.keys ?? {}) as [ParameterName, string][]) {
      parameters[name] = drawn(random, name, key);
      keys.push([name, key]);
    }
    const size =
      witness.sphere === undefined
        ? `+a=${a} +es=${es}`
        : `+R=${witness.sphere === 'authalic' ? authalicRadius(a, es) : a}`;
    // Cylinders go on past ±180°, as PROJ's do if they are told.
    const { cylindrical } = projectionOf(method)!(a, es, parameters);
    const text =
      `+proj=${witness.proj} ${cylindrical ? '+over ' : ''}${size} ` +
      keys.map(([name, key]) => `+${key}=${parameters[name]}`).join(' ');
    const lat0 = parameters.latitudeOfOrigin ?? parameters.standardParallel1 ?? 0;
    const points = randomPoints(random, 200, parameters.longitudeOfOrigin!, lat0);
    const { upTo = 90 } = witness;
    for (let i = 1; i < points.length; i += 2) {
      points[i] = Math.max(-upTo, Math.min(upTo, points[i]!));
      const east = Math.abs(points[i - 1]! - parameters.longitudeOfOrigin!);
      const north = Math.abs(points[i]!);
      if (witness.off === 'centre' && Math.hypot(east, north) < 1) points[i]! += 2;
      if (witness.off === 'axes' && north < 1) points[i]! += 2;
      if (witness.off === 'axes' && east < 1) points[i - 1]! += 2;
    }
    return { method, a, es, parameters, text, points };
  });
}

const METHODS = Object.entries(WITNESSES) as [MethodName, Witness][];
let agreements: Agreement[] | undefined;

for (const [m, [method, witness]] of METHODS.entries()) {
  test(`${method} as PROJ has it`, { skip: noPyproj }, (t) => {
    agreements ??= compareWithProj(METHODS.map(([name, of]) => samples(name, of, 20261128)));
    const agreement = agreements[m]!;
    for (const text of agreement.worst) t.diagnostic(text);
    t.diagnostic(JSON.stringify({ ...agreement, worst: undefined }));
    assert.ok(agreement.points >= 2_000);
    assert.ok(agreement.forward <= (witness.forward ?? 1e-6));
    assert.ok(agreement.inverse <= (witness.inverse ?? 1e-6));
    assert.ok(agreement.roundTrip <= (witness.roundTrip ?? 1e-6));
    for (const key of ['missing', 'extra', 'missingBack', 'extraBack'] as const) {
      if (!(witness.differs ?? []).includes(key)) assert.equal(agreement[key], 0, key);
    }
  });
}
