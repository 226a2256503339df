/** A method's loops beside PROJ's, over random parameters, ellipsoids and points. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import type { MethodName, ParameterName, Parameters } from '../../../src/crs/definition.ts';
import type { Projection } from '../../../src/crs/projections/projection.ts';
import { projectionOf } from '../../../src/crs/projections/registry.ts';
import { askProj, type ProjResult } from './pyproj.ts';

export interface Sample {
  parameters: Parameters;
  /** +proj and the parameters that are not in each method. */
  proj: string;
  /** Degrees: points are that far from the origin at most; anywhere if left out. */
  span?: [lon: number, lat: number];
  /** Centre of the points, if that isn't the origin. */
  centre?: [lon: number, lat: number];
  /** The ellipsoid, if the method has its own. */
  ellipsoid?: Ellipsoid;
}

export interface Ellipsoid {
  a: number;
  es: number;
}

export const EARTHS: Ellipsoid[] = [
  { a: 6378137, es: 0.00669438002290079 },
  { a: 6377397.155, es: 0.00667437223061 },
  { a: 6378206.4, es: 0.00676865799729 },
  { a: 6378249.145, es: 0.006803511282849 },
  { a: 6370997, es: 0 },
];

export interface Method {
  name: MethodName;
  sample: (random: Random) => Sample;
  ellipsoids?: Ellipsoid[];
  /** Metres on the Earth; 1e-6 if left out. */
  tolerance?: number;
  /** Whether a point that PROJ can't do may have an image here. */
  wider?: boolean;
  /** Whether false eastings and northings are those of axes that point west and south. */
  westing?: boolean;
}

export const between = (random: Random, low: number, high: number): number =>
  low + (high - low) * random.next();

/** Now and then near the antimeridian. */
export function someLongitude(random: Random): number {
  const lon = between(random, -180, 180);
  return random.next() < 0.2 ? (lon > 0 ? 179.9 : -179.9) : lon;
}

/** And an ellipsoid as flat as Jupiter. */
export const WITH_PLANET: Ellipsoid[] = [...EARTHS, { a: 71492000, es: 0.12 }];

/** Parameters by their names in PROJ strings. */
const KEYS: { readonly [name in ParameterName]?: string } = {
  latitudeOfOrigin: 'lat_0',
  longitudeOfOrigin: 'lon_0',
  standardParallel1: 'lat_1',
  standardParallel2: 'lat_2',
  scaleFactor: 'k_0',
  azimuth: 'alpha',
  rectifiedGridAngle: 'gamma',
  height: 'h_0',
};

const keyOf = (name: ParameterName, value: number): string =>
  KEYS[name] === undefined ? '' : `+${KEYS[name]}=${value}`;

/** @param span - degrees; from `centre`, or from the origin */
export function sampleOf(
  proj: string,
  parameters: Sample['parameters'],
  span?: [number, number],
  centre?: [number, number],
): Sample {
  const texts = Object.entries(parameters).map(([name, value]) =>
    keyOf(name as ParameterName, value),
  );
  const sample: Sample = { parameters, proj: `+proj=${proj} ${texts.join(' ')}` };
  if (span !== undefined) sample.span = span;
  if (centre !== undefined) sample.centre = centre;
  return sample;
}

export const scale = (random: Random): number => between(random, 0.9, 1.1);
export const middle = (random: Random): number => between(random, -80, 80);
export const pole = (random: Random): number => (random.next() < 0.5 ? 90 : -90);

/** Origin and scale. */
export function origin(random: Random, lat = middle(random)): Sample['parameters'] {
  return {
    latitudeOfOrigin: lat,
    longitudeOfOrigin: someLongitude(random),
    scaleFactor: scale(random),
  };
}

const SAMPLES = 30;
const POINTS = 60;
const FOOT = 1200 / 3937;

interface Trial {
  method: Method;
  sample: Sample;
  ellipsoid: Ellipsoid;
  points: number[];
  proj: string;
  projection: Projection;
}

function trialOf(method: Method, random: Random, round: number): Trial {
  const sample = method.sample(random);
  const ellipsoids = method.ellipsoids ?? EARTHS;
  const ellipsoid = sample.ellipsoid ?? ellipsoids[round % ellipsoids.length]!;
  const unit = round % 3 === 2 && sample.ellipsoid === undefined ? FOOT : 1;
  const p = sample.parameters;
  const x0 = p.falseEasting ?? Math.round(between(random, -1e6, 1e6));
  const y0 = p.falseNorthing ?? Math.round(between(random, -1e6, 1e6));
  const lon0 = sample.centre?.[0] ?? p.longitudeOfOrigin ?? 0;
  const lat0 = sample.centre?.[1] ?? p.latitudeOfOrigin ?? 0;
  const points: number[] = [];
  const [lonSpan, latSpan] = sample.span ?? [179.9, 90];
  for (let k = 0; k < POINTS; k++) {
    const lon = lon0 + between(random, -lonSpan, lonSpan);
    const lat = latSpan === 90 ? 0 : lat0;
    points.push(lon, Math.max(-89.99, Math.min(89.99, lat + between(random, -latSpan, latSpan))));
  }
  points.push(lon0, Math.max(-89.99, Math.min(89.99, lat0)));
  const { a, es } = ellipsoid;
  // What PROJ adds to eastings, EPSG adds to westings.
  const sign = method.westing === true ? -1 : 1;
  const false0 = `+x_0=${sign * x0} +y_0=${sign * y0}`;
  const proj = `${sample.proj} ${false0} +a=${a} +es=${es} +to_meter=${unit} +no_defs`;
  const factory = projectionOf(method.name);
  assert.ok(factory !== null, `no formulas for ${method.name}`);
  const parameters = { ...p, falseEasting: x0 / unit, falseNorthing: y0 / unit };
  if (p.height !== undefined) parameters.height = p.height / unit;
  const projection = factory(a / unit, es, parameters);
  return { method, sample, ellipsoid, points, proj, projection };
}

/** Metres on the ellipsoid, about. */
function onGround(lon: number, lat: number, lon2: number, lat2: number, a: number): number {
  const radians = Math.PI / 180;
  const east = 2 * Math.sin(((lon - lon2) * radians) / 2) * Math.cos(lat2 * radians);
  return a * Math.hypot(east, (lat - lat2) * radians);
}

/** The worst that was found of a method, and where. */
interface Worst {
  forward: number;
  inverse: number;
  compared: number;
  failures: string[];
}

function compare(trial: Trial, result: ProjResult, worst: Worst): void {
  const { method, points, proj, projection, ellipsoid } = trial;
  if (result.forward === null) {
    worst.failures.push(`PROJ refuses ${proj}`);
    return;
  }
  const size = ellipsoid.a / 6.4e6;
  const unit = Number(/to_meter=(\S+)/.exec(proj)![1]);
  const ahead = Float64Array.from(points);
  const back = Float64Array.from(result.forward);
  projection.forward(ahead, 0, points.length / 2);
  projection.inverse(back, 0, points.length / 2);
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [result.forward[i]!, result.forward[i + 1]!];
    const where = `${proj} at ${points[i]} ${points[i + 1]}`;
    if (Number.isNaN(x)) {
      if (!Number.isNaN(ahead[i]!) && method.wider !== true) {
        worst.failures.push(`${where}: ${ahead[i]} ${ahead[i + 1]}, and PROJ none`);
      }
      continue;
    }
    worst.compared++;
    // Far out a last digit of latitude is worth more, with the square of the distance.
    const digits = Math.max(1, (Math.hypot(x, y) * unit) / size / 2e7) ** 2;
    const off = (Math.hypot(ahead[i]! - x, ahead[i + 1]! - y) * unit) / size / digits;
    worst.forward = Math.max(worst.forward, off);
    const tolerance = method.tolerance ?? 1e-6;
    if (!(off <= tolerance)) {
      worst.failures.push(`${where}: ${ahead[i]} ${ahead[i + 1]}, ${off} m from ${x} ${y}`);
    }
    const [lon, lat] = [result.inverse[i]!, result.inverse[i + 1]!];
    if (Number.isNaN(lon)) continue;
    // PROJ's iterations end 1e-5 m away from where it began, in some methods.
    const away = Math.min(
      onGround(back[i]!, back[i + 1]!, lon, lat, 6.4e6),
      onGround(back[i]!, back[i + 1]!, points[i]!, points[i + 1]!, 6.4e6),
    );
    worst.inverse = Math.max(worst.inverse, away);
    if (!(away <= tolerance)) {
      worst.failures.push(`${where}: back ${back[i]} ${back[i + 1]}, ${away} m from ${lon} ${lat}`);
    }
  }
}

/** Compares all methods, and says of each how far it is off. */
export function compareWithProj(t: TestContext, methods: Method[], seed: number): void {
  const random = new Random(seed);
  const trials = methods.flatMap((method) =>
    Array.from({ length: SAMPLES }, (_, round) => trialOf(method, random, round)),
  );
  const results = askProj(trials);
  const found = new Map<Method, Worst>();
  for (const [index, trial] of trials.entries()) {
    const worst = found.get(trial.method) ?? { forward: 0, inverse: 0, compared: 0, failures: [] };
    found.set(trial.method, worst);
    compare(trial, results[index]!, worst);
  }
  const failures: string[] = [];
  for (const [{ name }, { forward, inverse, compared, failures: own }] of found) {
    t.diagnostic(
      `${name}: ${compared} points, ${forward.toExponential(1)} m, ` +
        `inverse ${inverse.toExponential(1)} m; ${own.length} failures`,
    );
    assert.ok(compared > SAMPLES, `only ${compared} points of ${name} were compared`);
    failures.push(...own.slice(0, 5).map((text) => `${name}: ${text}`));
  }
  assert.deepEqual(failures, []);
}
