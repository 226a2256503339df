/** Polygons drawn wrong in many ways, at random. Only for tests and benchmarks. */

import { seededRandom } from '../random.ts';

/** Polygons → rings → x, y, x, y, …, closed. */
export type Polygons = number[][][];

interface Mutilated {
  kind: string;
  place: string;
  polygons: Polygons;
}

interface Place {
  name: string;
  x: number;
  y: number;
  /** Radius of a polygon. */
  size: number;
  /** Coordinates are multiples of it; 0: any double. */
  step: number;
}

const PLACES: readonly Place[] = [
  { name: 'around zero', x: 0, y: 0, size: 1, step: 0 },
  { name: 'a grid', x: 6, y: 6, size: 5, step: 1 },
  { name: 'degrees', x: -150.123456789, y: 70.123456789, size: 1e-4, step: 0 },
  { name: 'millionths of a degree', x: -150.123456789, y: 70.123456789, size: 3e-6, step: 1e-6 },
  { name: 'metres', x: 543_210.987, y: 7_890_123.456, size: 20, step: 0 },
  { name: 'a continent', x: -20, y: 30, size: 50, step: 0 },
];

export class Mutilator {
  readonly #random: () => number;
  #place: Place = PLACES[0]!;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  next(): Mutilated {
    this.#place = this.#pick(PLACES);
    const [kind, draw] = this.#pick(KINDS);
    const polygons = draw(this);
    for (const rings of polygons) {
      for (const ring of rings) {
        // Some rings run the other way.
        if (this.chance(0.2)) reverse(ring);
        ring.push(ring[0]!, ring[1]!);
      }
    }
    return { kind, place: this.#place.name, polygons };
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.integer(from.length)]!;
  }

  /** 0 … count − 1 */
  integer(count: number): number {
    return Math.floor(this.#random() * count);
  }

  chance(share: number): boolean {
    return this.#random() < share;
  }

  between(min: number, max: number): number {
    return min + (max - min) * this.#random();
  }

  /** A ring around a point, in units of the place's size; not closed. */
  ring(
    cx = 0,
    cy = 0,
    radius = 1,
    vertices = 3 + this.integer(this.chance(0.1) ? 60 : 15),
  ): number[] {
    const ring: number[] = [];
    for (let k = 0; k < vertices; k++) {
      const angle = (2 * Math.PI * (k + this.between(-0.3, 0.3))) / vertices;
      const r = radius * this.between(0.5, 1);
      ring.push(...this.at(cx + r * Math.cos(angle), cy + r * Math.sin(angle)));
    }
    return ring;
  }

  chaos(vertices = 4 + this.integer(12)): number[] {
    const ring: number[] = [];
    for (let k = 0; k < vertices; k++) {
      ring.push(...this.at(this.between(-1, 1), this.between(-1, 1)));
    }
    return ring;
  }

  at(u: number, v: number): [number, number] {
    const { x, y, size, step } = this.#place;
    const round = (value: number): number => (step === 0 ? value : step * Math.round(value / step));
    return [round(x + size * u), round(y + size * v)];
  }
}

const KINDS: readonly (readonly [string, (m: Mutilator) => Polygons])[] = [
  ['nothing', (m) => [[m.ring()]]],
  ['hole', (m) => [[m.ring(), m.ring(0, 0, 0.4)]]],
  ['crossing', (m) => [[swap(m, m.ring())]]],
  ['crossings', (m) => [[swap(m, swap(m, swap(m, m.ring())))]]],
  ['vertex moved', (m) => [[moveVertex(m, m.ring())]]],
  ['chaos', (m) => [[m.chaos()]]],
  ['chaotic hole', (m) => [[m.chaos(), m.chaos()]]],
  ['spike', (m) => [[spike(m, m.ring())]]],
  ['spikes', (m) => [[spike(m, spike(m, m.ring()))]]],
  ['vertices twice', (m) => [[repeat(m, repeat(m, m.ring()))]]],
  ['back along an edge', (m) => [[backAlong(m, m.ring())]]],
  ['twice around', (m) => [[twice(m.ring())]]],
  ['hole equal to its shell', (m) => equalHole(m.ring())],
  ['hole twice', (m) => holeTwice(m)],
  ['hole outside', (m) => [[m.ring(-1, 0, 0.8), m.ring(1, 0, 0.6)]]],
  ['hole over the edge', (m) => [[m.ring(), m.ring(0.8, 0, 0.6)]]],
  ['holes over one another', (m) => [[m.ring(), m.ring(0.1, 0, 0.3), m.ring(-0.1, 0, 0.3)]]],
  ['hole touching', (m) => holeTouching(m)],
  ['shells over one another', (m) => [[m.ring(-0.2)], [m.ring(0.2)]]],
  ['shells nested', (m) => [[m.ring()], [m.ring(0, 0, 0.4)], [m.ring(0, 0, 0.2)]]],
  ['shell twice', (m) => shellTwice(m.ring())],
  ['shells along an edge', (m) => alongEdge(m)],
  ['line', (m) => [[[...m.at(0, 0), ...m.at(1, 0.5), ...m.at(0, 0), ...m.at(1, 0.5)]]]],
  ['slivers', (m) => [[sliver(m, m.ring())]]],
  ['everything', (m) => everything(m)],
];

/** The names of all kinds. */
export const MUTILATIONS: readonly string[] = KINDS.map(([name]) => name);

function reverse(ring: number[]): void {
  const points: [number, number][] = [];
  for (let k = 0; k < ring.length; k += 2) points.push([ring[k]!, ring[k + 1]!]);
  ring.splice(0, ring.length, ...points.reverse().flat());
}

function vertex(m: Mutilator, ring: number[]): number {
  return 2 * m.integer(ring.length / 2);
}

function swap(m: Mutilator, ring: number[]): number[] {
  const [i, j] = [vertex(m, ring), vertex(m, ring)];
  const swapped = [...ring];
  [swapped[i], swapped[i + 1], swapped[j], swapped[j + 1]] = [
    ring[j]!,
    ring[j + 1]!,
    ring[i]!,
    ring[i + 1]!,
  ];
  return swapped;
}

function moveVertex(m: Mutilator, ring: number[]): number[] {
  const i = vertex(m, ring);
  return ring.toSpliced(i, 2, ...m.at(m.between(-1.5, 1.5), m.between(-1.5, 1.5)));
}

function spike(m: Mutilator, ring: number[]): number[] {
  const i = vertex(m, ring);
  const tip = m.at(m.between(-1.5, 1.5), m.between(-1.5, 1.5));
  return ring.toSpliced(i + 2, 0, ...tip, ring[i]!, ring[i + 1]!);
}

function repeat(m: Mutilator, ring: number[]): number[] {
  const i = vertex(m, ring);
  return ring.toSpliced(i, 0, ring[i]!, ring[i + 1]!);
}

/** A point on, or next to, an edge. */
function onEdge(m: Mutilator, ring: number[]): [number, [number, number]] {
  const i = vertex(m, ring);
  const j = (i + 2) % ring.length;
  const t = m.chance(0.5) ? 0.5 : m.between(0, 1);
  return [
    i,
    [ring[i]! + t * (ring[j]! - ring[i]!), ring[i + 1]! + t * (ring[j + 1]! - ring[i + 1]!)],
  ];
}

function backAlong(m: Mutilator, ring: number[]): number[] {
  const [i, middle] = onEdge(m, ring);
  const j = (i + 2) % ring.length;
  return ring.toSpliced(i + 2, 0, ring[j]!, ring[j + 1]!, ...middle);
}

function twice(ring: number[]): number[] {
  return [...ring, ...ring];
}

function equalHole(ring: number[]): Polygons {
  return [[ring, [...ring.slice(2), ...ring.slice(0, 2)]]];
}

function shellTwice(ring: number[]): Polygons {
  return [[ring], [[...ring.slice(4), ...ring.slice(0, 4)]]];
}

function holeTwice(m: Mutilator): Polygons {
  const hole = m.ring(0, 0, 0.4);
  return [[m.ring(), hole, [...hole]]];
}

/** A hole with one vertex on the shell's edge, or from outside on its vertex, where no rounding decides. */
function holeTouching(m: Mutilator): Polygons {
  const shell = m.ring(0, 0, 0.8);
  if (m.chance(0.5)) return [[shell, [...onEdge(m, shell)[1], ...m.ring(0, 0, 0.2).slice(2)]]];
  const i = vertex(m, shell);
  const outside = m.ring(1.4, 1.4, 0.3);
  return [[shell, [...outside.slice(0, 4), shell[i]!, shell[i + 1]!]]];
}

function alongEdge(m: Mutilator): Polygons {
  const ring = m.ring(0, 0, 0.8);
  const [i, a] = onEdge(m, ring);
  const j = (i + 2) % ring.length;
  const b = m.chance(0.5) ? [ring[j]!, ring[j + 1]!] : onEdge(m, ring)[1];
  return [[ring], [[...a, ...b, ...m.at(m.between(-1.5, 1.5), m.between(-1.5, 1.5))]]];
}

/** Goes back along its own edges, some doubles beside them. */
function sliver(m: Mutilator, ring: number[]): number[] {
  const shifted: number[] = [];
  for (let k = ring.length - 2; k >= 0; k -= 2) {
    shifted.push(ring[k]! * (1 + m.integer(5) * 2 ** -52), ring[k + 1]!);
  }
  return [...ring, ...shifted];
}

function everything(m: Mutilator): Polygons {
  const change = (ring: number[]): number[] => {
    const changes = [swap, moveVertex, spike, repeat, backAlong];
    for (let n = m.integer(4); n > 0; n--) ring = changes[m.integer(changes.length)]!(m, ring);
    return ring;
  };
  return Array.from({ length: 1 + m.integer(3) }, () =>
    Array.from({ length: 1 + m.integer(3) }, (_, r) =>
      change(m.ring(m.between(-1, 1), m.between(-1, 1), r === 0 ? 1 : m.between(0.1, 0.8))),
    ),
  );
}
