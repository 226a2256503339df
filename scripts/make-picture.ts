/**
 * Draws docs/images/staged-tiles.svg from what `npm run demo` has staged: on the left all tiles and
 * the outlines of the inputs, on the right the polygons around a corner where four tiles meet.
 * `node scripts/make-picture.ts`; the same tiles make the same picture.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DropCounter } from '../src/core/drops.ts';
import { parseCrs } from '../src/crs/parse.ts';
import { resolveCrs } from '../src/crs/resolve.ts';
import { createTransform } from '../src/crs/transform.ts';
import { readRow } from '../src/formats/sqlite/record.ts';
import { FeatureBatch } from '../src/geometry/batch.ts';
import { simplifyBatch } from '../src/geometry/simplify.ts';
import { type Bounds, initializeStager, openSource, type Tile } from '../src/index.ts';

const ROOT = join(import.meta.dirname, '..');
const OUTPUT = join(ROOT, 'docs/images/staged-tiles.svg');
const WIDTH = 1000;
const HEIGHT = 548;
/** Panels: x, y, width, height in pixels. */
const OVERVIEW = { x: 24, y: 64, width: 440, height: 440 };
const DETAIL = { x: 496, y: 64, width: 480, height: 440 };
/** Width of the ground in the right panel, in metres. */
const DETAIL_METERS = 900;
/** Part of the right panel that is west of the corner: the parts of the tiles differ. */
const WEST = 0.46;
const METERS_PER_DEGREE = 111_320;
/** Numbers in paths are tenths of a pixel. */
const TENTHS = 10;
/** Colours of neighbouring tiles: two rows of three. */
const COLORS = ['#4e79a7', '#f28e2b', '#59a14f', '#e15759', '#76b7b2', '#b07aa1'];
const INK = '#1f2933';
const FAINT = '#8a94a0';

interface StagedTile {
  tile: Tile;
  bounds: Bounds;
  features: number;
}

/** A feature in its home tile. */
interface Shape {
  tile: Tile;
  /** Shell, interleaved longitude and latitude. */
  shell: Float64Array;
  bounds: Bounds;
  input: string;
  identifier: string;
}

const stager = initializeStager(join(ROOT, 'demo/input'), join(ROOT, 'demo/staged'));
const tiles: StagedTile[] = [];
const shapes: Shape[] = [];
/** Identifiers of features that are in several tiles. */
const crossing = new Set<string>();
await readTiles();

const extent = unite(tiles.map(({ bounds }) => bounds));
const squeeze = Math.cos((((extent[1] + extent[3]) / 2) * Math.PI) / 180);
const outlines = await inputOutlines();
const svg = [...frame(), ...overview(), ...detail(), '</svg>'].join('\n');
mkdirSync(join(OUTPUT, '..'), { recursive: true });
writeFileSync(OUTPUT, `${svg}\n`);
console.log(`${OUTPUT}: ${Math.round(svg.length / 1000)} kB`);

async function readTiles(): Promise<void> {
  const paths = stager.tiles.getFilenamesFromDir('staged');
  if (paths.length === 0) throw new Error('There are no tiles: run `npm run demo` first');
  const seen = new Set<string>();
  for (const path of paths) {
    const tile = stager.tiles.tileFromPath(path)!;
    const source = await openSource(path);
    const layer = (await source.layers())[0]!;
    const place = (name: string): number => layer.columns.findIndex((c) => c.name === name);
    const columns = {
      input: place('staging_filename'),
      identifier: place('staging_identifier'),
      home: place('staging_centroid_within_tile'),
    };
    const options = {
      maxFeatures: 4096,
      maxVertices: 1 << 18,
      drops: new DropCounter(),
      notes: { rowsRead: 0, droppedM: 0 },
    };
    const all = { start: -Infinity, end: Infinity };
    for await (const batch of source.read(layer.name, all, new FeatureBatch(), options)) {
      for (let i = 0; i < batch.featureCount; i++) {
        const values = readRow(
          batch.types,
          batch.typeOffsets[i]!,
          batch.typeOffsets[i + 1]!,
          batch.body,
          batch.bodyOffsets[i]!,
        );
        const identifier = String(values[columns.identifier]);
        if (seen.has(identifier)) crossing.add(identifier);
        seen.add(identifier);
        if (values[columns.home] !== 1) continue;
        const ring = batch.polygonOffsets[batch.featureOffsets[i]!]!;
        const shell = batch.xy.slice(
          2 * batch.ringOffsets[ring]!,
          2 * batch.ringOffsets[ring + 1]!,
        );
        const input = String(values[columns.input]);
        shapes.push({ tile, shell, bounds: boundsOf(shell), input, identifier });
      }
    }
    tiles.push({
      tile,
      bounds: stager.tiles.boundsOfTile(tile),
      features: layer.featureCount,
    });
    await source.close();
  }
}

function frame(): string[] {
  const { x, y, width, height } = DETAIL;
  const features = shapes.length.toLocaleString('en');
  const inputs = new Set(shapes.map((shape) => shape.input)).size;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif" fill="${INK}" role="img">`,
    `<title>${features} polygons of ${inputs} inputs in ${tiles.length} tiles, and a corner where four of these meet</title>`,
    `<clipPath id="detail"><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/></clipPath>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" rx="10" fill="#fff"/>`,
    heading(OVERVIEW, `${features} polygons of ${inputs} inputs in ${tiles.length} tiles`),
    heading(DETAIL, 'Every polygon is whole in each tile that it touches'),
  ];
}

function heading({ x, y }: { x: number; y: number }, text: string): string {
  return `<text x="${x}" y="${y - 22}" font-size="16" font-weight="600">${text}</text>`;
}

/** All tiles with their numbers of features, and the inputs. */
function overview(): string[] {
  const toPixels = projection(extent, OVERVIEW);
  const out: string[] = [];
  const numbers: string[] = [];
  for (const { tile, bounds, features } of tiles) {
    const [left, bottom] = toPixels(bounds[0], bounds[1]);
    const [right, top] = toPixels(bounds[2], bounds[3]);
    const width = right - left;
    const middle = round((left + right) / 2);
    out.push(
      `<rect x="${round(left)}" y="${round(top)}" width="${round(width)}" height="${round(bottom - top)}" fill="${colorOf(tile)}" fill-opacity="${opacity(features)}" stroke="#fff" stroke-width="1.5"/>`,
    );
    numbers.push(
      `<text x="${middle}" y="${round((top + bottom) / 2 + 4)}" font-size="10.5" text-anchor="middle" paint-order="stroke" stroke="#fff" stroke-width="2.5">${short(features)}</text>`,
    );
  }
  for (const outline of outlines) {
    const points = outline.map(([x, y]) => toPixels(x, y).map(round).join(',')).join(' ');
    out.push(
      `<polygon points="${points}" fill="none" stroke="${INK}" stroke-width="1.6" stroke-dasharray="6 3"/>`,
    );
  }
  const { x, y, height } = OVERVIEW;
  const below = 'Tiles at z 13 of WGS1984Quad, with their features; dashed: inputs';
  return [...out, ...numbers, caption(x, y + height + 26, below)];
}

/** The polygons around a corner of four tiles. */
function detail(): string[] {
  const corner = chooseCorner();
  const window = windowAround(corner);
  const toPixels = projection(window, DETAIL);
  const inside = shapes.filter((shape) => overlaps(shape.bounds, window));
  const out = [
    '<g clip-path="url(#detail)">',
    `<rect x="${DETAIL.x}" y="${DETAIL.y}" width="${DETAIL.width}" height="${DETAIL.height}" fill="#f4f5f7"/>`,
    `<g transform="scale(${1 / TENTHS})" stroke-linejoin="round">`,
  ];
  const around = [...Map.groupBy(inside, ({ tile }) => key(tile)).values()];
  const style = (shape: Shape, opacity: number) =>
    `fill="${colorOf(shape.tile)}" fill-opacity="${opacity}"`;
  for (const group of around) {
    const plain = group.filter(({ identifier }) => !crossing.has(identifier));
    if (plain.length === 0) continue;
    out.push(
      `<path ${style(plain[0]!, 0.62)} stroke="#fff" stroke-width="6" d="${paths(plain, toPixels)}"/>`,
    );
  }
  const [cornerX, cornerY] = toPixels(corner[0], corner[1]).map((n) => Math.round(n * TENTHS));
  const across = `M${DETAIL.x * TENTHS} ${cornerY}h${DETAIL.width * TENTHS}`;
  const down = `M${cornerX} ${DETAIL.y * TENTHS}v${DETAIL.height * TENTHS}`;
  for (const group of around) {
    const both = group.filter(({ identifier }) => crossing.has(identifier));
    if (both.length === 0) continue;
    out.push(
      `<path ${style(both[0]!, 0.9)} stroke="${INK}" stroke-width="11" d="${paths(both, toPixels)}"/>`,
    );
  }
  out.push(`<path d="${across}${down}" stroke="${INK}" stroke-width="20" fill="none"/>`, '</g>');
  out.push(...labels(corner, toPixels), scaleBar(), '</g>');
  const { x, y, height } = DETAIL;
  const copies = inside.filter(({ identifier }) => crossing.has(identifier)).length;
  out.push(
    caption(
      x,
      y + height + 26,
      `${inside.length.toLocaleString('en')} polygons; ${copies} of them (dark outline) are in two tiles or more`,
    ),
  );
  return out;
}

/** Names of the four tiles, at the outer corners of their parts. */
function labels(corner: [number, number], toPixels: Projection): string[] {
  const [cornerX, cornerY] = toPixels(corner[0], corner[1]);
  const { x, y, width, height } = DETAIL;
  const touching = tiles.filter(({ bounds }) => overlaps(bounds, [...corner, ...corner]));
  return touching.map(({ tile, bounds }) => {
    const [left, bottom] = toPixels(bounds[0], bounds[1]);
    const text = `${tile.z}/${tile.x}/${tile.y}.gpkg`;
    const size = 8.4 * text.length + 12;
    const isWest = left < cornerX - 1;
    const isNorth = bottom < cornerY + 1;
    const labelX = isWest ? x + 10 : x + width - 10 - size;
    const labelY = isNorth ? y + 10 : y + height - 34;
    return (
      `<rect x="${round(labelX)}" y="${labelY}" width="${round(size)}" height="24" rx="5" fill="#fff" fill-opacity=".94" stroke="${colorOf(tile)}" stroke-width="2"/>` +
      `<text x="${round(labelX + size / 2)}" y="${labelY + 16.5}" font-size="13" font-weight="600" text-anchor="middle">${text}</text>`
    );
  });
}

function scaleBar(): string {
  const meters = 100;
  const length = (meters / DETAIL_METERS) * DETAIL.width;
  // Between the line and the name of a tile.
  const x = DETAIL.x + WEST * DETAIL.width + 24;
  const y = DETAIL.y + DETAIL.height - 14;
  return (
    `<rect x="${round(x - 8)}" y="${y - 20}" width="${round(length + 16)}" height="26" rx="5" fill="#fff" fill-opacity=".94"/>` +
    `<path d="M${round(x)} ${y - 5}v5h${round(length)}v-5" fill="none" stroke="${INK}" stroke-width="1.5"/>` +
    `<text x="${round(x + length / 2)}" y="${y - 6}" font-size="11" text-anchor="middle">${meters} m</text>`
  );
}

/** The corner with tiles all around and as few inputs and as many polygons near it as can be. */
function chooseCorner(): [number, number] {
  const known = new Set(tiles.map(({ tile }) => key(tile)));
  let best: { corner: [number, number]; inputs: number; polygons: number } | undefined;
  for (const { tile, bounds } of tiles) {
    const { z, x, y } = tile;
    const others = [
      { z, x: x + 1, y },
      { z, x, y: y + 1 },
      { z, x: x + 1, y: y + 1 },
    ];
    if (!others.every((other) => known.has(key(other)))) continue;
    const corner: [number, number] = [bounds[2], bounds[1]];
    const window = windowAround(corner);
    const inside = shapes.filter((shape) => overlaps(shape.bounds, window));
    const inputs = new Set(inside.map(({ input }) => input)).size;
    const polygons = inside.length;
    const better =
      best === undefined ||
      inputs < best.inputs ||
      (inputs === best.inputs && polygons > best.polygons);
    if (better && inputs > 0) best = { corner, inputs, polygons };
  }
  if (best === undefined) throw new Error('No four tiles meet in a corner');
  return best.corner;
}

function windowAround([x, y]: [number, number]): Bounds {
  const width = DETAIL_METERS / METERS_PER_DEGREE / squeeze;
  const height = ((DETAIL_METERS / METERS_PER_DEGREE) * DETAIL.height) / DETAIL.width;
  return [x - WEST * width, y - WEST * height, x + (1 - WEST) * width, y + (1 - WEST) * height];
}

type Projection = (longitude: number, latitude: number) => [number, number];

/** Fits the bounds into a panel; east is right, north is up, and metres are as long both ways. */
function projection(bounds: Bounds, panel: typeof OVERVIEW): Projection {
  const [minX, minY, maxX, maxY] = bounds;
  const width = (maxX - minX) * squeeze;
  const scale = Math.min(panel.width / width, panel.height / (maxY - minY));
  const left = panel.x + (panel.width - width * scale) / 2;
  const top = panel.y + (panel.height - (maxY - minY) * scale) / 2;
  return (x, y) => [left + (x - minX) * squeeze * scale, top + (maxY - y) * scale];
}

/** Shells as one path of relative steps, simplified by less than one can see. */
function paths(group: Shape[], toPixels: Projection): string {
  const batch = new FeatureBatch();
  for (const [i, { shell }] of group.entries()) {
    batch.reserveVertices(shell.length / 2);
    batch.beginFeature(i);
    batch.beginPolygon();
    batch.beginRing();
    for (let k = 0; k < shell.length; k += 2) {
      const [x, y] = toPixels(shell[k]!, shell[k + 1]!);
      batch.xy[2 * batch.vertexCount] = x * TENTHS;
      batch.xy[2 * batch.vertexCount + 1] = y * TENTHS;
      batch.vertexCount++;
    }
    batch.endRing();
    batch.endPolygon();
    batch.endFeature();
  }
  simplifyBatch(batch, 0.35 * TENTHS);
  let text = '';
  for (let r = 0; r < batch.ringCount; r++) {
    let lastX = 0;
    let lastY = 0;
    for (let v = batch.ringOffsets[r]!; v < batch.ringOffsets[r + 1]! - 1; v++) {
      const x = Math.round(batch.xy[2 * v]!);
      const y = Math.round(batch.xy[2 * v + 1]!);
      if (v === batch.ringOffsets[r]!) text += `M${x} ${y}l`;
      else
        text += `${x - lastX < 0 || text.endsWith('l') ? '' : ' '}${x - lastX}${y < lastY ? '' : ' '}${y - lastY}`;
      lastX = x;
      lastY = y;
    }
    text += 'z';
  }
  return text;
}

/** The inputs' extents in longitude and latitude, as rings. */
function inputOutlines(): Promise<[number, number][][]> {
  const target = resolveCrs(parseCrs('EPSG:4326'));
  const outlines = stager.tiles.getFilenamesFromDir('input').map(async (path) => {
    const source = await openSource(path);
    const { extent: box, crs } = (await source.layers())[0]!;
    await source.close();
    if (box === null || crs === null) throw new Error(`${basename(path)} has no extent or CRS`);
    const [minX, minY, maxX, maxY] = box;
    const xy = Float64Array.of(minX, minY, maxX, minY, maxX, maxY, minX, maxY);
    createTransform(resolveCrs(crs), target).apply(xy, 0, 4);
    return [0, 1, 2, 3].map((i): [number, number] => [xy[2 * i]!, xy[2 * i + 1]!]);
  });
  return Promise.all(outlines);
}

function boundsOf(xy: Float64Array): Bounds {
  const bounds: Bounds = [Infinity, Infinity, -Infinity, -Infinity];
  for (let k = 0; k < xy.length; k += 2) {
    bounds[0] = Math.min(bounds[0], xy[k]!);
    bounds[1] = Math.min(bounds[1], xy[k + 1]!);
    bounds[2] = Math.max(bounds[2], xy[k]!);
    bounds[3] = Math.max(bounds[3], xy[k + 1]!);
  }
  return bounds;
}

function unite(all: Bounds[]): Bounds {
  return boundsOf(Float64Array.from(all.flat()));
}

function overlaps(a: Bounds, b: Bounds): boolean {
  return a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1];
}

function key({ x, y }: Tile): string {
  return `${x}/${y}`;
}

function colorOf({ x, y }: Tile): string {
  return COLORS[(x % 3) + 3 * (y % 2)]!;
}

/** Fuller tiles are darker. */
function opacity(features: number): number {
  const most = Math.max(...tiles.map((tile) => tile.features));
  return round(0.18 + 0.5 * (features / most));
}

function caption(x: number, y: number, text: string): string {
  return `<text x="${x}" y="${y}" font-size="13" fill="${FAINT}">${text}</text>`;
}

/** In thousands, from one thousand on. */
function short(n: number): string {
  return n < 1000 ? String(n) : `${(n / 1000).toFixed(1)}k`;
}

function round(n: number): number {
  return Math.round(n * 100) / 100;
}
