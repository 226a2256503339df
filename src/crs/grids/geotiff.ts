/**
 * PROJ's grids in GeoTIFF (Geodetic TIFF grids, proj.org/specifications/geodetictiffgrids.html): a
 * directory per grid, samples of latitude and longitude offsets, described in GDAL's metadata.
 */

import { type Grid, type GridSet, nest, requireGrid, soundShift } from './grid.ts';
import type { GridFile } from './grid-file.ts';
import { BlockCache, type Directory, Image, readDirectories } from './tiff.ts';

const SUBFILE_TYPE = 254;
const PIXEL_SCALE = 33550;
const TIE_POINTS = 33922;
const TRANSFORMATION = 34264;
const GEO_KEYS = 34735;
const METADATA = 42112;
const NO_DATA = 42113;

/** GeoKeys, and what they must be. */
const MODEL_TYPE = 1024;
const GEOGRAPHIC = 2;
const RASTER_TYPE = 1025;
const PIXEL_IS_POINT = 2;

/** Degrees in a unit. */
const UNITS: Readonly<Record<string, number>> = {
  'arc-second': 1 / 3600,
  degree: 1,
  radian: 180 / Math.PI,
};

/** Which sample is what; a directory that doesn't say it takes what the one before it says. */
interface Samples {
  latitude: number;
  longitude: number;
  unit: number;
  /** 1 if longitudes are positive east. */
  sign: number;
}

/** @throws TilewrightError crs-grid */
export function openGeotiff(file: GridFile): GridSet {
  const grids: Grid[] = [];
  let samples: Samples = { latitude: 0, longitude: 1, unit: UNITS['arc-second']!, sign: 1 };
  const cache = new BlockCache();
  for (const directory of readDirectories(file)) {
    const subfile = directory.number(SUBFILE_TYPE, 0);
    // A page, or nothing; overviews and masks are not of PROJ's layout.
    if (subfile !== 0 && subfile !== 2) {
      throw file.refusal(
        `it has a TIFF directory of subfile type ${subfile}: an overview or a mask`,
      );
    }
    const items = itemsOf(directory.text(METADATA));
    const type = items.get('TYPE');
    if (type !== undefined && type !== 'HORIZONTAL_OFFSET') {
      throw file.refusal(`it is of TYPE ${type}, only HORIZONTAL_OFFSET is read`);
    }
    const interpolation = items.get('interpolation_method') ?? 'bilinear';
    if (interpolation !== 'bilinear') {
      throw file.refusal(`its interpolation_method is ${interpolation}, only bilinear is known`);
    }
    samples = samplesOf(items, samples, file);
    grids.push(gridOf(file, directory, cache, items, samples));
  }
  if (grids.length === 0) throw file.refusal('it has no TIFF directory');
  return { ...nest(grids, file), close: () => file.close() };
}

/** By name, and for what is of one sample by name and its number: `UNITTYPE 1`. */
type Items = ReadonlyMap<string, string>;

function itemsOf(xml: string): Items {
  const items = new Map<string, string>();
  for (const [, attributes, text] of xml.matchAll(/<Item\b([^>]*)>([^<]*)<\/Item>/g)) {
    const attribute = (name: string): string | undefined =>
      new RegExp(`\\b${name}="([^"]*)"`).exec(attributes!)?.[1];
    const [name, sample] = [attribute('name'), attribute('sample')];
    items.set(sample === undefined ? `${name}` : `${name} ${sample}`, plainText(text!.trim()));
  }
  return items;
}

function plainText(text: string): string {
  const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'" };
  return text
    .replace(/&(lt|gt|quot|apos);/g, (_, e: string) => entities[e]!)
    .replaceAll('&amp;', '&');
}

function samplesOf(items: Items, before: Samples, file: GridFile): Samples {
  const descriptions = [...items].filter(([name]) => name.startsWith('DESCRIPTION '));
  const sampleOf = (what: string): number | undefined => {
    const item = descriptions.find(([, text]) => text === what);
    return item && Number(item[0].split(' ')[1]);
  };
  const latitude = sampleOf('latitude_offset');
  const longitude = sampleOf('longitude_offset');
  if (descriptions.length > 0 && (latitude === undefined || longitude === undefined)) {
    const names = descriptions.map(([, text]) => text).join(', ');
    throw file.refusal(`it has ${names}, not latitude_offset and longitude_offset`);
  }
  const samples = { ...before };
  samples.latitude = latitude ?? before.latitude;
  samples.longitude = longitude ?? before.longitude;
  const units = [samples.latitude, samples.longitude].map((s) => items.get(`UNITTYPE ${s}`));
  if (units[0] !== units[1]) throw file.refusal(`its offsets are in ${units[0]} and ${units[1]}`);
  if (units[0] !== undefined) {
    const unit = UNITS[units[0]];
    if (unit === undefined) throw file.refusal(`its offsets are in ${units[0]}, no unit of angle`);
    samples.unit = unit;
  }
  const positive = items.get(`positive_value ${samples.longitude}`);
  if (positive !== undefined) {
    if (positive !== 'east' && positive !== 'west') {
      throw file.refusal(`its longitudes are positive ${positive}, neither east nor west`);
    }
    samples.sign = positive === 'east' ? 1 : -1;
  }
  return samples;
}

function gridOf(
  file: GridFile,
  directory: Directory,
  cache: BlockCache,
  items: Items,
  samples: Samples,
): Grid {
  const image = new Image(file, directory, cache);
  const { columns, rows } = image;
  const { latitude, longitude, unit, sign } = samples;
  if (image.samples <= Math.max(latitude, longitude)) {
    throw file.refusal(`it has ${image.samples} samples, and no offsets of both axes among them`);
  }
  const { west, north, stepX, stepY } = placeOf(directory, file);
  const noData = directory.text(NO_DATA).trim();
  const nothing = noData === '' ? Number.NaN : Number(noData);
  const scaling = (sample: number): [number, number] => [
    Number(items.get(`OFFSET ${sample}`) ?? 0),
    Number(items.get(`SCALE ${sample}`) ?? 1),
  ];
  const [latitudeOffset, latitudeScale] = scaling(latitude);
  const [longitudeOffset, longitudeScale] = scaling(longitude);
  const shift = (value: number, offset: number, scale: number): number =>
    value === nothing ? Number.NaN : soundShift((value * scale + offset) * unit);
  // Rows go south from the first one, unless the step is below 0.
  const isSouthward = stepY > 0;
  const grid: Grid = {
    name: items.get('grid_name') ?? null,
    parent: items.get('parent_grid_name') ?? null,
    west,
    south: isSouthward ? north - stepY * (rows - 1) : north,
    stepLongitude: stepX,
    stepLatitude: Math.abs(stepY),
    columns,
    rows,
    read: (column, row, width, height) => {
      const shifts = new Float64Array(2 * width * height);
      for (let r = 0; r < height; r++) {
        const y = isSouthward ? rows - 1 - row - r : row + r;
        for (let c = 0; c < width; c++) {
          const i = 2 * (r * width + c);
          const east = image.at(column + c, y, longitude);
          shifts[i] = sign * shift(east, longitudeOffset, longitudeScale);
          shifts[i + 1] = shift(image.at(column + c, y, latitude), latitudeOffset, latitudeScale);
        }
      }
      return shifts;
    },
  };
  requireGrid(grid, file);
  return grid;
}

/** Where the first node of the first row is, and the steps from there, in degrees. */
function placeOf(
  directory: Directory,
  file: GridFile,
): { west: number; north: number; stepX: number; stepY: number } {
  const keys = directory.numbers(GEO_KEYS);
  const keyOf = (id: number): number | undefined => {
    for (let i = 4; i + 3 < keys.length; i += 4) if (keys[i] === id) return keys[i + 3];
    return undefined;
  };
  if (keyOf(MODEL_TYPE) !== GEOGRAPHIC) throw file.refusal('it is not in longitudes and latitudes');
  // The middle of a pixel is the node; the grid may be given by its corners.
  const half = keyOf(RASTER_TYPE) === PIXEL_IS_POINT ? 0 : 0.5;
  const matrix = directory.numbers(TRANSFORMATION);
  if (matrix.length === 16) {
    if (matrix[1] !== 0 || matrix[4] !== 0) throw file.refusal('it is turned against north');
    const [stepX, stepY] = [matrix[0]!, -matrix[5]!];
    return { west: matrix[3]! + half * stepX, north: matrix[7]! - half * stepY, stepX, stepY };
  }
  const [stepX = Number.NaN, stepY = Number.NaN] = directory.numbers(PIXEL_SCALE);
  const [i, j, , x, y, , ...more] = directory.numbers(TIE_POINTS);
  if (i !== 0 || j !== 0 || x === undefined || y === undefined || more.length > 0) {
    throw file.refusal('it is not placed by its upper left corner');
  }
  return { west: x + half * stepX, north: y - half * stepY, stepX, stepY };
}
