/** The project's projections beside PROJ's, on random parameters and points. */

import type { Random } from '../../../src/core/random.ts';
import type { MethodName, Parameters } from '../../../src/crs/definition.ts';
import { projectionOf } from '../../../src/crs/projections/registry.ts';
import { askProj } from './pyproj.ts';

export interface Sample {
  method: MethodName;
  a: number;
  es: number;
  parameters: Parameters;
  /** The same projection as a PROJ string. */
  text: string;
  /** Interleaved longitude, latitude in degrees. */
  points: Float64Array;
}

export interface Agreement {
  /** Points that both projected, or both did not. */
  points: number;
  /** Metres, at worst. */
  forward: number;
  inverse: number;
  /** There and back by the project alone. */
  roundTrip: number;
  /** Points that only one of the two projected, forward and back. */
  missing: number;
  extra: number;
  missingBack: number;
  extraBack: number;
  /** The worst cases, for people. */
  worst: string[];
}

const EARTH = 6378137;
const RADIANS = Math.PI / 180;

/** Metres between two points in degrees on a sphere of the Earth's size. */
function onGround(p: Float64Array, q: Float64Array, i: number): number {
  const lat = p[i + 1]!;
  const turn = Math.sin(((p[i]! - q[i]!) * RADIANS) / 2);
  const lon = 2 * Math.asin(Math.min(1, Math.abs(turn))) * Math.cos(lat * RADIANS);
  return EARTH * Math.hypot(lon, (lat - q[i + 1]!) * RADIANS);
}

/** Metres; less where the plane goes on without bounds and the last digit is worth more. */
function inPlane(p: Float64Array, q: Float64Array, i: number): number {
  const digits = Math.max(1, Math.hypot(q[i]!, q[i + 1]!) / 2e7) ** 2;
  return Math.hypot(p[i]! - q[i]!, p[i + 1]! - q[i + 1]!) / digits;
}

/** What PROJ makes of each sample's points, of that again, and of what the project's inverse gives. */
interface Answers {
  forward: Float64Array[];
  back: Float64Array[];
  /** The project's inverses of PROJ's forward points. */
  images: Float64Array[];
  again: Float64Array[];
}

/** Of many groups of samples at once: starting Python takes longer than its answers. */
export function compareWithProj(groups: Sample[][]): Agreement[] {
  const { forward, back, images, again } = answersOf(groups.flat());
  let at = 0;
  return groups.map((samples) => {
    const part = (list: Float64Array[]): Float64Array[] => list.slice(at, at + samples.length);
    const answers = {
      forward: part(forward),
      back: part(back),
      images: part(images),
      again: part(again),
    };
    at += samples.length;
    return compare(samples, answers);
  });
}

function answersOf(samples: Sample[]): Answers {
  const answers = askProj(
    samples.map(({ text, points }) => ({ proj: text, points: Array.from(points) })),
  );
  const forward = answers.map((answer, k) => {
    if (answer.forward === null) throw new Error(`PROJ refuses ${samples[k]!.text}`);
    return Float64Array.from(answer.forward);
  });
  const back = answers.map(({ inverse }) => Float64Array.from(inverse));
  const images = samples.map(({ method, a, es, parameters }, k) => {
    const points = forward[k]!.slice();
    projectionOf(method)!(a, es, parameters).inverse(points, 0, points.length / 2);
    return points;
  });
  const again = askProj(
    samples.map(({ text }, k) => ({
      proj: text,
      // A number that no projection takes, for points that are none.
      points: Array.from(images[k]!, (degrees) => (Number.isNaN(degrees) ? 1e30 : degrees)),
    })),
  ).map((answer) => Float64Array.from(answer.forward!));
  return { forward, back, images, again };
}

/**
 * An inverse agrees if it is where PROJ's is, or if PROJ projects it to where it came from: near
 * poles, horizons and antipodes a point of the plane says less about the globe than it seems to.
 */
function compare(samples: Sample[], { forward, back, images, again }: Answers): Agreement {
  const agreement: Agreement = {
    points: 0,
    forward: 0,
    inverse: 0,
    roundTrip: 0,
    missing: 0,
    extra: 0,
    missingBack: 0,
    extraBack: 0,
    worst: [],
  };
  const worst: Record<'forward' | 'inverse' | 'roundTrip', string> = {
    forward: '',
    inverse: '',
    roundTrip: '',
  };
  samples.forEach(({ method, a, es, parameters, text, points }, k) => {
    const projection = projectionOf(method)!(a, es, parameters);
    const count = points.length / 2;
    const ours = points.slice();
    projection.forward(ours, 0, count);
    const theirs = forward[k]!;
    const oursBack = images[k]!;
    const round = ours.slice();
    projection.inverse(round, 0, count);
    const roundAgain = round.slice();
    projection.forward(roundAgain, 0, count);
    const note = (kind: keyof typeof worst, off: number, i: number): void => {
      if (!(off > agreement[kind])) return;
      agreement[kind] = off;
      worst[kind] =
        `${kind} ${off.toExponential(1)} m: ${text} at ${points[i]} ${points[i + 1]}, ` +
        `ours ${ours[i]} ${ours[i + 1]} → ${oursBack[i]} ${oursBack[i + 1]}, ` +
        `PROJ's ${theirs[i]} ${theirs[i + 1]} → ${back[k]![i]} ${back[k]![i + 1]}`;
    };
    for (let i = 0; i < points.length; i += 2) {
      agreement.points++;
      if (Number.isNaN(ours[i]!)) {
        if (!Number.isNaN(theirs[i]!)) {
          agreement.missing++;
          worst.forward ||= `missing ${text} at ${points[i]} ${points[i + 1]}`;
        }
        continue;
      }
      if (Number.isNaN(theirs[i]!)) {
        agreement.extra++;
      } else {
        note('forward', inPlane(ours, theirs, i), i);
      }
      note('roundTrip', Math.min(onGround(round, points, i), inPlane(roundAgain, ours, i)), i);
      if (Number.isNaN(theirs[i]!)) continue;
      const [ourNone, theirNone] = [Number.isNaN(oursBack[i]!), Number.isNaN(back[k]![i]!)];
      if (ourNone && !theirNone) agreement.missingBack++;
      if (!ourNone && theirNone) agreement.extraBack++;
      if (!ourNone && !theirNone) {
        const off = Math.min(onGround(oursBack, back[k]!, i), inPlane(again[k]!, theirs, i));
        note('inverse', off, i);
      }
      // Where the round trip is lost, so is the number that says how far it is off.
      if (Number.isNaN(round[i]!)) agreement.roundTrip = Number.POSITIVE_INFINITY;
    }
  });
  agreement.worst = Object.values(worst).filter((text) => text !== '');
  return agreement;
}

/** Ellipsoids of the Earth, and a sphere. */
export const ELLIPSOIDS: readonly (readonly [a: number, es: number])[] = [
  [6378137, 0.006694379990141317],
  [6378206.4, 0.006768657997291094],
  [6378249.145, 0.006803511282849],
  [6371000, 0],
];

export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random.next();
}

/** Of the whole globe, with poles, the equator, meridians and the cut; and near a place. */
export function randomPoints(
  random: Random,
  count: number,
  lon0: number,
  lat0: number,
): Float64Array {
  const points = new Float64Array(2 * count);
  for (let i = 0; i < points.length; i += 2) {
    const near = random.next() < 0.4;
    const reach = near ? 10 ** between(random, -6, 1) : 180;
    points[i] = near ? lon0 + between(random, -reach, reach) : between(random, -180, 180);
    points[i + 1] = near ? lat0 + between(random, -reach, reach) : between(random, -90, 90);
    points[i + 1] = Math.max(-90, Math.min(90, points[i + 1]!));
    const kind = Math.floor(random.next() * 40);
    if (kind === 0) points[i] = lon0;
    if (kind === 1) points[i + 1] = 0;
    if (kind === 2) points[i + 1] = lat0;
    if (kind === 3) points[i + 1] = random.next() < 0.5 ? 90 : -90;
  }
  return points;
}
