/**
 * Files of input folders that are of no format that can be staged: what they are, by their names
 * alone, and how ogr2ogr makes GeoPackages of those that are vector data.
 */

import { existsSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { inputExtensions } from '../../formats/input-formats.ts';
import { contentWords } from '../../formats/open.ts';
import { shellWord } from '../../parallel/blocks/provider.ts';
import { sidecarTest } from './sidecars.ts';

/** Files of one kind that are in the input folders and are not read. */
export interface UnreadKind {
  /** `GeoJSON`, `FileGDB` …; an empty text for what is only known by its extension. */
  format: string;
  /** In lower case, with the dot; an empty text for files without one. */
  extension: string;
  /** A FileGDB, which is a folder, counts as one. */
  count: number;
  /** Paths of the first three of them, in ascending order. */
  examples: string[];
  /** A command that makes a GeoPackage of each, beside it; null for what is no vector data. */
  command: string | null;
}

/** Vector data that GDAL reads. */
const VECTOR: Readonly<Record<string, string>> = {
  '.geojson': 'GeoJSON',
  '.json': 'JSON',
  '.geojsonl': 'GeoJSON lines',
  '.geojsons': 'GeoJSON lines',
  '.ndjson': 'GeoJSON lines',
  '.topojson': 'TopoJSON',
  '.fgb': 'FlatGeobuf',
  '.parquet': 'GeoParquet',
  '.geoparquet': 'GeoParquet',
  '.gdb': 'FileGDB',
  '.gml': 'GML',
  '.kml': 'KML',
  '.kmz': 'KML',
  '.tab': 'MapInfo',
  '.mif': 'MapInfo',
  '.sqlite': 'SQLite',
  '.dxf': 'DXF',
  '.dgn': 'DGN',
  '.pbf': 'OpenStreetMap',
  '.osm': 'OpenStreetMap',
  '.shz': 'zipped shapefile',
  '.zip': 'zip archive',
};

/** What else lies beside vector data, and can't be staged. */
const OTHER: Readonly<Record<string, string>> = {
  '.csv': 'CSV',
  '.dbf': 'dBASE table without its .shp',
  '.shx': 'index without its .shp',
  '.gpx': 'GPX',
  '.tif': 'GeoTIFF',
  '.tiff': 'GeoTIFF',
  '.zarr': 'Zarr',
  '.nc': 'NetCDF',
  '.txt': 'text',
  '.xml': 'XML',
};

/** Folders that are one dataset, by their extensions and what is in each. */
const DATASETS: Readonly<Record<string, RegExp>> = {
  '.gdb': /\.gdbtable$/i,
  '.zarr': /^(\.zgroup|\.zarray|zarr\.json)$/,
};

const EXAMPLES = 3;
/** What GDAL needs before the name of a file. */
const PREFIXES: Readonly<Record<string, string>> = { '.zip': '/vsizip/' };

/** A folder that is searched. */
export interface SearchedFolder {
  folder: string;
  /** Its path without links. */
  real: string;
  /** The folder that was given. */
  root: string;
  entries: readonly { name: string }[];
}

/** Gathers them while folders are searched. */
export class UnreadFiles {
  readonly #cwd: string;
  readonly #isSidecar = sidecarTest();
  readonly #kinds = new Map<string, { paths: string[]; roots: Set<string> }>();
  /** Real paths of folders that have been looked through. */
  readonly #seen = new Set<string>();

  /** @param cwd - what paths in commands start at */
  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  /** Counts a folder that is one dataset, in place of what is in it; returns whether it is one. */
  dataset({ folder, real, root, entries }: SearchedFolder): boolean {
    const extension = endOf(folder);
    const marks = DATASETS[extension];
    if (marks === undefined || !entries.some(({ name }) => marks.test(name))) return false;
    const isThere = (path: string): boolean => existsSync(path);
    if (this.#first(real) && resultOf(folder, isThere) === null) this.#add(extension, folder, root);
    return true;
  }

  /** @param others - names of files that are no inputs */
  folder({ folder, real, root, entries }: SearchedFolder, others: readonly string[]): void {
    if (others.length === 0 || !this.#first(real)) return;
    const names = new Set(entries.map(({ name }) => name.toLowerCase()));
    for (const name of others) {
      if (this.#isSidecar(name.toLowerCase(), names)) continue;
      const isThere = (path: string): boolean => names.has(path.toLowerCase());
      if (resultOf(name, isThere) === null) this.#add(endOf(name), join(folder, name), root);
    }
  }

  /** A file that a glob has matched. */
  file(path: string, root: string): void {
    if (this.#first(path)) this.#add(endOf(path), path, root);
  }

  /** Those of vector data first, then by their number. */
  kinds(): UnreadKind[] {
    const kinds = [...this.#kinds].map(([extension, { paths, roots }]): UnreadKind => {
      const format = VECTOR[extension] ?? OTHER[extension] ?? '';
      const examples = paths.sort().slice(0, EXAMPLES);
      const command = extension in VECTOR ? this.#command(extension, paths, roots) : null;
      return { format, extension, count: paths.length, examples, command };
    });
    return kinds.sort(
      (a, b) =>
        Number(b.command !== null) - Number(a.command !== null) ||
        b.count - a.count ||
        (a.extension < b.extension ? -1 : 1),
    );
  }

  #first(real: string): boolean {
    const size = this.#seen.size;
    return this.#seen.add(real).size > size;
  }

  #add(extension: string, path: string, root: string): void {
    let kind = this.#kinds.get(extension);
    if (kind === undefined) {
      kind = { paths: [], roots: new Set() };
      this.#kinds.set(extension, kind);
    }
    kind.paths.push(path);
    kind.roots.add(root);
  }

  /** The whole name stays, so that files which differ in their extensions alone don't collide. */
  #command(extension: string, paths: readonly string[], roots: ReadonlySet<string>): string {
    if (paths.length === 1) return conversion(paths[0]!, this.#cwd);
    const folders = [...roots].map((root) => shellWord(short(root, this.#cwd))).join(' ');
    const name = shellWord(`*${extension}`);
    const source = `${PREFIXES[extension] ?? ''}{}`;
    return `find ${folders} -iname ${name} -exec ogr2ogr -f GPKG {}.gpkg ${source} \\;`;
  }
}

/** The whole name stays, here too. */
function conversion(path: string, cwd: string): string {
  const from = short(path, cwd);
  const source = shellWord(`${PREFIXES[endOf(path)] ?? ''}${from}`);
  return `ogr2ogr -f GPKG ${shellWord(`${from}.gpkg`)} ${source}`;
}

function short(path: string, cwd: string): string {
  const below = relative(cwd, path) || '.';
  const found = below.startsWith('..') || isAbsolute(below) ? path : below;
  return found.startsWith('-') ? `./${found}` : found;
}

/** The GeoPackage beside vector data that it was made into, by its name; null if there is none. */
function resultOf(path: string, isThere: (path: string) => boolean): string | null {
  const end = endOf(path);
  if (!(end in VECTOR)) return null;
  const names = [`${path}.gpkg`, `${path.slice(0, -end.length)}.gpkg`];
  return names.find(isThere) ?? null;
}

/**
 * What a file is that was named itself and can't be staged, and what to do about it, to follow its
 * name and "is".
 * @param cwd - what paths in commands start at
 */
export function unreadFile(path: string, cwd: string): string {
  const end = endOf(path);
  const known = inputExtensions().join(', ');
  const what = VECTOR[end] ?? OTHER[end];
  if (what === undefined) return `of no known format (${known})${contentWords(path)}.`;
  const head = `of a format that is not read: ${what} (${known} are).`;
  const made = resultOf(path, existsSync);
  if (made !== null) return `${head} Give ${short(made, cwd)}, which lies beside it.`;
  if (end in VECTOR) return `${head} To read it:\n${conversion(path, cwd)}`;
  if (end !== '.csv') return head;
  const columns = '-oo GEOM_POSSIBLE_NAMES=wkt,geom,geometry,the_geom';
  return `${head} If a column holds shapes as WKT:\n${conversion(path, cwd)} ${columns}`;
}

/** `3 files were not read: 2 GeoJSON (.geojson), 1 FileGDB (.gdb)`; empty if there are none. */
export function unreadWords(kinds: readonly UnreadKind[]): string {
  if (kinds.length === 0) return '';
  const total = kinds.reduce((sum, { count }) => sum + count, 0);
  const list = kinds.map(
    ({ format, extension, count }) =>
      `${count.toLocaleString('en')} ${format === '' ? extension || 'without an extension' : `${format} (${extension})`}`,
  );
  const files = total === 1 ? '1 file was' : `${total.toLocaleString('en')} files were`;
  return `${files} not read: ${list.join(', ')}`;
}

/** Commands that make GeoPackages of what is vector data. */
export function unreadCommands(kinds: readonly UnreadKind[]): string[] {
  return kinds.flatMap(({ command }) => command ?? []);
}

/** All of that, to follow a sentence: each command is a line. Empty if there are none. */
export function unreadAdvice(kinds: readonly UnreadKind[]): string {
  if (kinds.length === 0) return '';
  const commands = unreadCommands(kinds);
  if (commands.length === 0) return ` ${unreadWords(kinds)}.`;
  return ` ${unreadWords(kinds)}. To read them:\n${commands.join('\n')}`;
}

/** The last extension, in lower case; of a name with none, an empty text. */
function endOf(path: string): string {
  return /[^/\\](\.[^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
}
