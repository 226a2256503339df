/** Zipped shapefiles as inputs: every .shp of an archive is a layer, read where it lies. */

import { posix } from 'node:path';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import type { FeatureBatch } from '../../geometry/batch.ts';
import type { Bounds } from '../../tms/tile-matrix.ts';
import type { RandomAccess } from '../bytes/random-access.ts';
import { openBytes } from '../remote/open-bytes.ts';
import {
  MAX_TEXT_BYTES,
  SHAPEFILE_PARTS,
  type ShapefileFiles,
  type ShapefilePart,
  ShapefileSource,
} from '../shapefile/source.ts';
import type { LayerInfo, OpenOptions, ReadOptions, Slice, VectorSource } from '../source.ts';
import { checkApart, readDirectory, type ZipMember } from './directory.ts';
import { isStored, type OpenMember, openMember } from './member.ts';

/** Read whole, and closed again, when a layer is opened. */
const TEXTS: readonly ShapefilePart[] = ['.prj', '.cpg'];

/** Whether an archive has shapefiles, or is damaged, and by its name an archive: opening it says how. */
export function hasShapefiles(path: string): boolean {
  let archive: RandomAccess | undefined;
  try {
    archive = openBytes(path);
    return shapefilesIn(archive.path, readDirectory(archive)).size > 0;
  } catch {
    return /\.(zip|shz)$/i.test(path);
  } finally {
    archive?.close();
  }
}

/** Members of a shapefile, by their ends. */
type Parts = ReadonlyMap<ShapefilePart, ZipMember>;

/** What is open of a layer. */
interface OpenLayer {
  source: ShapefileSource;
  members: OpenMember[];
  /** Whether all of it is read in place. */
  isStored: boolean;
  /** Whether somebody is reading it. */
  readers: number;
}

/** By layer: the shapefile's name, or its path where another one has the name. */
function shapefilesIn(path: string, members: readonly ZipMember[]): Map<string, Parts> {
  const own = members.filter(({ name }) => !/(^|\/)(__MACOSX\/|\._)/.test(name));
  const byName = new Map<string, ZipMember>();
  for (const member of own) {
    if (partOf(member.name) === undefined) continue;
    if (byName.has(member.name)) {
      const message = `${path} has two members ${member.name}: unpack it, and keep one of them`;
      throw new TilewrightError('input-format', message, { input: path });
    }
    byName.set(member.name, member);
  }
  const byStem = Map.groupBy(byName.values(), ({ name }) => name.slice(0, -4));
  const shapefiles = [...byStem].flatMap(([stem, files]): [string, Parts][] => {
    const parts = new Map<ShapefilePart, ZipMember>();
    // Of several spellings lower case comes first, then upper case.
    for (const file of files.toSorted((a, b) => rankOf(a.name) - rankOf(b.name))) {
      const part = partOf(file.name)!;
      if (!parts.has(part)) parts.set(part, file);
    }
    return parts.has('.shp') ? [[stem, parts]] : [];
  });
  const names = Map.groupBy(shapefiles, ([stem]) => posix.basename(stem));
  return new Map(
    shapefiles.map(([stem, parts]) => {
      const name = posix.basename(stem);
      return [names.get(name)!.length === 1 ? name : stem, parts];
    }),
  );
}

function partOf(name: string): ShapefilePart | undefined {
  const end = name.slice(-4).toLowerCase();
  return SHAPEFILE_PARTS.find((part) => part === end && name.length > 4 && name.at(-5) !== '/');
}

function rankOf(name: string): number {
  const end = name.slice(-4);
  return end === end.toLowerCase() ? 0 : end === end.toUpperCase() ? 1 : 2;
}

export class ZippedSource implements VectorSource {
  readonly path: string;
  readonly format = 'zipped shapefile';
  readonly clockwiseShells = true;
  readonly #archive: RandomAccess;
  readonly #shapefiles: ReadonlyMap<string, Parts>;
  readonly #open = new Map<string, OpenLayer>();
  readonly #options: OpenOptions;

  /** @throws TilewrightError input-missing, input-unreadable, input-truncated, input-corrupt, input-format */
  constructor(path: string, options: OpenOptions) {
    this.path = path;
    this.#options = options;
    this.#archive = openBytes(path);
    try {
      if (this.#archive.size === 0) {
        const message = `${path} is empty (0 bytes). Copy or download it again`;
        throw new TilewrightError('input-empty', message, { input: path });
      }
      this.#shapefiles = shapefilesIn(path, readDirectory(this.#archive));
      checkApart(
        this.#archive,
        [...this.#shapefiles.values()].flatMap((one) => [...one.values()]),
      );
    } catch (error) {
      this.#archive.close();
      throw toTilewrightError(error, { input: path });
    }
  }

  layerNames(): string[] {
    return [...this.#shapefiles.keys()];
  }

  layer(name: string): LayerInfo {
    return this.#layer(name).source.layer(name);
  }

  layers(): LayerInfo[] {
    return this.layerNames().map((name) => this.layer(name));
  }

  /** Of what is compressed one: each would have to be inflated from its beginning. */
  slices(name: string, targetBytes: number): Slice[] {
    const { source, isStored: inPlace } = this.#layer(name);
    if (inPlace) return source.slices(name, targetBytes);
    const { featureCount } = source.layer(name);
    return featureCount === 0 ? [] : [{ start: 1, end: featureCount + 1 }];
  }

  /** Of what is compressed all that the layer is said to have: nothing is inflated for a look. */
  extents(name: string, slices: readonly Slice[], most?: number): (Bounds | null)[] {
    const { source, isStored: inPlace } = this.#layer(name);
    if (inPlace) return source.extents(name, slices, most);
    const { extent } = source.layer(name);
    return slices.map(() => extent);
  }

  /** The slice that begins a layer checks the sums of all of its files. */
  *read(
    name: string,
    slice: Slice,
    batch: FeatureBatch,
    options: ReadOptions,
  ): Iterable<FeatureBatch> {
    const layer = this.#layer(name);
    layer.readers++;
    try {
      yield* layer.source.read(name, slice, batch, options);
      if (slice.start <= 1) for (const member of layer.members) member.verify();
    } finally {
      layer.readers--;
    }
  }

  close(): void {
    for (const { source } of this.#open.values()) source.close();
    this.#open.clear();
    this.#archive.close();
  }

  /** What nobody reads is closed where another layer is opened: there may be thousands. */
  #layer(name: string): OpenLayer {
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    const parts = this.#shapefiles.get(name);
    if (parts === undefined) {
      const message = `${this.path} has no layer "${name}"; it has ${this.layerNames().join(', ')}`;
      throw new TilewrightError('input-layer', message, { input: this.path });
    }
    for (const [other, { source, readers }] of this.#open) {
      if (readers > 0) continue;
      source.close();
      this.#open.delete(other);
    }
    const members: OpenMember[] = [];
    const files: ShapefileFiles = {
      input: this.path,
      layer: name,
      open: (part) => {
        const member = parts.get(part);
        if (member === undefined) return null;
        const open = openMember(this.#archive, member);
        if (member.size <= MAX_TEXT_BYTES && TEXTS.includes(part)) open.verify();
        else members.push(open);
        return open;
      },
    };
    const source = new ShapefileSource(files, this.#options);
    const opened = { source, members, isStored: [...parts.values()].every(isStored), readers: 0 };
    this.#open.set(name, opened);
    return opened;
  }
}
