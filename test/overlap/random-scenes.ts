/** Seeded inputs whose features overlap in all ways that are valid, and rules to judge them by. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Value } from '../../src/core/columns.ts';
import { Random } from '../../src/core/random.ts';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import { multiPolygonWkb, polygonWkb } from '../staging/support.ts';
import { writeGeoPackage } from '../staging/write-geopackage.ts';
import type { Polygons } from './brute-area.ts';
import type { JudgedFeature, JudgeRules } from './brute-judge.ts';
import { projection } from './golden-scenes.ts';

/** Degrees of a tile at z 13 of WGS1984Quad, and a corner of four of them: exact in binary. */
export const TILE = 180 / 2 ** 13;
export const CORNER = { x: -180 + 1217 * TILE, y: 90 - 894 * TILE };

/** Names in an order that depends on how they are compared. */
const NAMES = ['Z', 'a', 'b', 'é', '10', '9', '～', '𝄞'];
const COLUMNS = [
  { name: 'Date', types: ['DATE', 'TEXT'] },
  { name: 'Score', types: ['REAL'] },
  { name: 'Count', types: ['INTEGER', 'MEDIUMINT'] },
  { name: 'Side', types: ['TEXT'] },
];

export interface RandomScene {
  /** As staged: in EPSG:4326. */
  features: JudgedFeature[];
  /** Names of the inputs. */
  inputs: string[];
  rules: JudgeRules;
  /** The same rules, as the configuration has them. */
  config: ConfigInput;
  /** By input, the EPSG code of its CRS. */
  codes: ReadonlyMap<string, number>;
  /** Inputs that hold `Count` as text: then it is compared as text everywhere. */
  textual: ReadonlySet<string>;
}

interface Shape {
  polygons: number[][][][];
  x: number;
  y: number;
  radius: number;
}

/** @param perInput - features of an input, about */
export function randomScene(seed: number, perInput = 10): RandomScene {
  const random = new Random(seed);
  const pick = <T>(all: readonly T[]): T => all[random.integer(all.length)]!;
  const names = NAMES.toSorted(() => random.next() - 0.5).slice(0, 2 + random.integer(5));
  const inputs = names.map((name) => `${name}.gpkg`);
  // Elsewhere, vertices on other features' edges would not stay there.
  const isProjected = random.next() < 0.3;
  const codes = new Map(
    inputs.map((input) => [input, isProjected && random.next() < 0.7 ? 3413 : 4326]),
  );
  const textual = new Set(random.next() < 0.2 ? [inputs.at(-1)!] : []);
  const maker = new ShapeMaker(random, !isProjected);
  const features: (JudgedFeature & { values: Record<string, Value> })[] = [];
  const positions = new Map(inputs.map((input) => [input, random.integer(20)]));
  for (let n = inputs.length * (2 + random.integer(2 * perInput)); n > 0; n--) {
    const chained = random.next() < 0.1 ? 3 + random.integer(8) : 1;
    for (let k = 0; k < chained; k++) {
      const input = chained > 1 ? inputs[k % inputs.length]! : pick(inputs);
      const position = positions.get(input)! + 1 + (random.next() < 0.1 ? random.integer(9) : 0);
      positions.set(input, position);
      const isSparse = input === inputs[0];
      const values: Record<string, Value> = {
        Date: random.next() < 0.15 ? null : `2021-07-0${1 + random.integer(3)}`,
        Score: random.next() < 0.15 ? null : Math.round(random.normal() * 4) / 4,
        Count: isSparse || random.next() < 0.1 ? null : random.integer(14) - 1,
        Side: random.next() < 0.1 ? null : pick(['l', 'r', 'ra', 'é', '～', '𝄞']),
      };
      const polygons = k === 0 ? maker.next() : maker.beside();
      features.push({ input, position, polygons, values });
    }
  }
  const isText = features.some(
    ({ input, values }) => textual.has(input) && values['Count'] !== null,
  );
  for (const { values } of features) {
    if (isText && values['Count'] !== null) values['Count'] = String(values['Count']);
  }
  const given = { features, inputs, codes, textual, ...randomRules(random, !isProjected) };
  return isProjected ? { ...given, features: features.map((one) => rounded(one, codes)) } : given;
}

/** The feature as it is after the way through its input's CRS. */
function rounded(feature: JudgedFeature, codes: ReadonlyMap<string, number>): JudgedFeature {
  const code = codes.get(feature.input)!;
  if (code === 4326) return feature;
  const there = projection('EPSG:4326', `EPSG:${code}`);
  const back = projection(`EPSG:${code}`, 'EPSG:4326');
  const way = ([x, y]: readonly number[]) => back(...there(x!, y!));
  return { ...feature, polygons: mapPositions(feature.polygons, way) };
}

function mapPositions(
  polygons: Polygons,
  map: (position: readonly number[]) => readonly number[],
): number[][][][] {
  return polygons.map((rings) => rings.map((ring) => ring.map((position) => [...map(position)])));
}

/** Writes the inputs; a column that is null in all of an input's rows is not there. */
export function writeScene(
  folder: string,
  { features, inputs, codes, textual }: RandomScene,
): void {
  mkdirSync(folder, { recursive: true });
  for (const input of inputs) {
    const srsId = codes.get(input)!;
    const own = features.filter((feature) => feature.input === input);
    const place = inputs.indexOf(input);
    const asked = COLUMNS.filter(({ name }) => own.some(({ values }) => values[name] !== null));
    const columns = asked.map(({ name, types }) => ({
      // To SQL, letters' case makes no other name.
      name: place === 1 ? name.toUpperCase() : name,
      type: name === 'Count' && textual.has(input) ? 'TEXT' : types[place % types.length]!,
    }));
    const stored = (name: string, value: Value): Value => {
      return name === 'Count' && value !== null && !textual.has(input) ? Number(value) : value;
    };
    const project = srsId === 4326 ? null : projection('EPSG:4326', `EPSG:${srsId}`);
    const rows = own.map(({ position, polygons, values }) => {
      const placed =
        project === null ? polygons : mapPositions(polygons, ([x, y]) => project(x!, y!));
      const wkb = placed.length === 1 ? polygonWkb(placed[0]!) : multiPolygonWkb(placed);
      return { fid: position, wkb, values: asked.map(({ name }) => stored(name, values[name]!)) };
    });
    const geometryType = 'GEOMETRY';
    writeGeoPackage(join(folder, input), { layer: 'l', srsId, columns, rows, geometryType });
  }
}

function randomRules(random: Random, isOnGrid: boolean): Pick<RandomScene, 'rules' | 'config'> {
  const pick = <T>(all: readonly T[]): T => all[random.integer(all.length)]!;
  const columns = ['Date', 'Score', 'Count', 'Side'].toSorted(() => random.next() - 0.5);
  const keepRules = columns
    .slice(0, 1 + random.integer(3))
    .map((column) => [column, pick(['larger', 'smaller'] as const)] as [string, 'larger']);
  // Of squares on a grid, parts are simple fractions: none of these.
  const overlapTolerance = pick([null, 0.1, 0.3, 0.45, isOnGrid ? 0.45 : 0.5]);
  const overlapBoth = random.next() < 0.6;
  const distanceCrs = pick(['EPSG:3857', 'EPSG:3413', null]);
  const metres = distanceCrs === null ? 1 / 40_000 : 1;
  const centroidTolerance = random.next() < 0.5 ? null : metres * pick([31.7, 101.3, 313.1]);
  const splitBy = random.next() < 0.2 ? 'Side' : null;
  const within = random.next() < 0.2;
  const project = distanceCrs === null ? null : projection('EPSG:4326', distanceCrs);
  return {
    rules: {
      ...{ keepRules, overlapTolerance, overlapBoth, centroidTolerance, project, splitBy, within },
    },
    config: {
      deduplicateMethod: 'neighbor',
      deduplicateKeepRules: keepRules,
      deduplicateOverlapTolerance: overlapTolerance,
      deduplicateOverlapBoth: overlapBoth,
      deduplicateCentroidTolerance: centroidTolerance,
      deduplicateDistanceCrs: distanceCrs,
      deduplicateSplitBy: splitBy,
      deduplicateWithin: within,
    } as ConfigInput,
  };
}

/** Shapes one after the other, often on or beside earlier ones, or on corners of tiles. */
class ShapeMaker {
  readonly #random: Random;
  readonly #hasSquares: boolean;
  readonly #made: Shape[] = [];

  constructor(random: Random, hasSquares: boolean) {
    this.#random = random;
    this.#hasSquares = hasSquares;
  }

  next(): number[][][][] {
    const random = this.#random;
    const kind = random.next();
    const earlier = this.#made[random.integer(Math.max(1, this.#made.length))];
    if (earlier !== undefined && kind < 0.1) return this.#keep(earlier);
    if (earlier !== undefined && kind < 0.35) return this.#near(earlier, 0.5 * random.next());
    if (kind < 0.5 && this.#hasSquares) return this.#square();
    const radius = TILE * 2 ** (-6 + 4 * random.next());
    const [x, y] = [CORNER.x, CORNER.y].map((middle) => {
      const isOnCorner = kind < 0.6;
      return middle + TILE * (isOnCorner ? random.integer(3) - 1 : 3 * random.next() - 1.5);
    }) as [number, number];
    if (kind > 0.9) return this.#keep(this.#several(x, y, radius));
    return this.#keep(this.#star(x, y, radius, kind > 0.75));
  }

  /** One that overlaps the last, farther on. */
  beside(): number[][][][] {
    return this.#near(this.#made.at(-1)!, 0.9);
  }

  #keep(shape: Shape): number[][][][] {
    this.#made.push(shape);
    return shape.polygons;
  }

  /** An earlier shape, moved by so many of its radii, and a little smaller or larger. */
  #near(shape: Shape, far: number): number[][][][] {
    const random = this.#random;
    const angle = 2 * Math.PI * random.next();
    const [x, y] = [shape.x, shape.y].map((middle, k) => {
      return middle + far * shape.radius * (k === 0 ? Math.cos(angle) : Math.sin(angle));
    }) as [number, number];
    const scale = 0.8 + 0.4 * random.next();
    const polygons = mapPositions(shape.polygons, ([px, py]) => {
      return [x + scale * (px! - shape.x), y + scale * (py! - shape.y)];
    });
    return this.#keep({ polygons, x, y, radius: scale * shape.radius });
  }

  /** On a grid of eighths of a tile: edges and corners in common, and vertices on others' edges. */
  #square(): number[][][][] {
    const [column, row, width, height] = [16, 16, 3, 3].map((n) => this.#random.integer(n)) as [
      number,
      number,
      number,
      number,
    ];
    const unit = TILE / 8;
    const [minX, minY] = [CORNER.x + (column - 8) * unit, CORNER.y + (row - 8) * unit];
    const [maxX, maxY] = [minX + (width + 1) * unit, minY + (height + 1) * unit];
    const shell = [
      [minX, minY],
      [maxX, minY],
      [maxX, maxY],
      [minX, maxY],
      [minX, minY],
    ];
    const [x, y] = [(minX + maxX) / 2, (minY + maxY) / 2];
    return this.#keep({ polygons: [[shell]], x, y, radius: unit });
  }

  #star(x: number, y: number, radius: number, isHoled: boolean): Shape {
    const random = this.#random;
    const count = 3 + random.integer(12);
    const turn = random.next();
    const corners = Array.from({ length: count }, (_, k) => {
      const angle = (2 * Math.PI * (k + turn)) / count;
      const far = radius * (0.4 + 0.6 * random.next());
      return [far * Math.cos(angle), far * Math.sin(angle)] as const;
    });
    const ring = (scale: number): number[][] => {
      const open = corners.map(([dx, dy]) => [x + scale * dx, y + scale * dy]);
      return [...open, [...open[0]!]];
    };
    const rings = [ring(1)];
    if (isHoled) rings.push(ring(0.3 + 0.6 * random.next()));
    // In whichever direction they run.
    const turned = rings.map((one) => (random.next() < 0.5 ? one : one.toReversed()));
    return { polygons: [turned], x, y, radius };
  }

  /** Two or three parts that are apart. */
  #several(x: number, y: number, radius: number): Shape {
    const polygons = [0, 1, 2].slice(this.#random.integer(2)).flatMap((k) => {
      return this.#star(x + 2.1 * radius * (k - 1), y, radius, this.#random.next() < 0.3).polygons;
    });
    return { polygons, x, y, radius: 2 * radius };
  }
}
