/** Equal-area, equidistant, perspective and world projections beside PROJ's. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import type { MethodName, ParameterName, Parameters } from '../../../src/crs/definition.ts';
import {
  type Agreement,
  between,
  compareWithProj,
  ELLIPSOIDS,
  randomPoints,
  type Sample,
} from './agreement.ts';
import { NO_PROJ } from './proj-witness.ts';

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
  /** Degrees: no points beyond, where PROJ loses digits. */
  upTo?: number;
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
};

function drawn(random: Random, name: ParameterName): number {
  if (name === 'height') return 10 ** between(random, 5.5, 8);
  if (name.startsWith('longitude')) return between(random, -180, 180);
  const special = random.next();
  if (name === 'latitudeOfOrigin' && special < 0.3)
    return special < 0.1 ? 90 : special < 0.2 ? -90 : 0;
  return between(random, -85, 85);
}

/** Snyder 1987, eq. 3-13, of half the surface's closed form. */
function authalicRadius(a: number, es: number): number {
  const e = Math.sqrt(es);
  return es === 0 ? a : a * Math.sqrt((1 + ((1 - es) / e) * Math.atanh(e)) / 2);
}

function samples(method: MethodName, witness: Witness, seed: number): Sample[] {
  const random = new Random(seed);
  return Array.from({ length: 60 }, (_, k) => {
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
      parameters[name] = drawn(random, name);
      keys.push([name, key]);
    }
    const size =
      witness.sphere === undefined
        ? `+a=${a} +es=${es}`
        : `+R=${witness.sphere === 'authalic' ? authalicRadius(a, es) : a}`;
    const text =
      `+proj=${witness.proj} ${size} ` +
      keys.map(([name, key]) => `+${key}=${parameters[name]}`).join(' ');
    const lat0 = parameters.latitudeOfOrigin ?? parameters.standardParallel1 ?? 0;
    const points = randomPoints(random, 200, parameters.longitudeOfOrigin!, lat0);
    const { upTo = 90 } = witness;
    for (let i = 1; i < points.length; i += 2) {
      points[i] = Math.max(-upTo, Math.min(upTo, points[i]!));
    }
    return { method, a, es, parameters, text, points };
  });
}

for (const [method, witness] of Object.entries(WITNESSES) as [MethodName, Witness][]) {
  test(`${method} as PROJ has it`, { skip: NO_PROJ }, (t) => {
    const agreement = compareWithProj(samples(method, witness, 20261128));
    for (const text of agreement.worst) t.diagnostic(text);
    t.diagnostic(JSON.stringify({ ...agreement, worst: undefined }));
    assert.ok(agreement.points >= 12_000);
    assert.ok(agreement.forward <= (witness.forward ?? 1e-6));
    assert.ok(agreement.inverse <= (witness.inverse ?? 1e-6));
    assert.ok(agreement.roundTrip <= (witness.roundTrip ?? 1e-6));
    for (const key of ['missing', 'extra', 'missingBack', 'extraBack'] as const) {
      if (!(witness.differs ?? []).includes(key)) assert.equal(agreement[key], 0, key);
    }
  });
}
