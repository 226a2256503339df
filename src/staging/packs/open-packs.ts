/** Packs that stay open in a thread, since opening one takes reading what it says of thousands of tiles. */

import { statSync } from 'node:fs';
import type {
  BoxVisitor,
  StagedFile,
  StagedPack,
  StagedRows,
} from '../../formats/staged-format.ts';
import { stagedFormat } from '../../formats/staged-formats.ts';

/** Neighbours' features reach into each other's packs, so more than one is asked for in turn. */
const MAX_OPEN = 4;

interface OpenPack {
  mark: string;
  pack: StagedPack;
  /** Tiles of it that are open. */
  users: number;
  /** Whether it is to be closed with the last of them. */
  isLeaving: boolean;
}

const packs = new Map<string, OpenPack>();

/**
 * A tile of a pack; null if it is not in it.
 * @param path - of the pack, which is there
 * @throws TilewrightError as StagedFormat.open does
 */
export function tileInPack(path: string, format: string, x: number, y: number): StagedFile | null {
  const one = packAt(path, format);
  const file = one.pack.tile(x, y);
  if (file === null) return null;
  one.users++;
  return new PackedTile(file, () => {
    if (--one.users === 0 && one.isLeaving) one.pack.close();
  });
}

function packAt(path: string, format: string): OpenPack {
  const { ino, size, mtimeNs } = statSync(path, { bigint: true });
  const mark = `${format} ${ino} ${size} ${mtimeNs}`;
  let one = packs.get(path);
  if (one !== undefined) {
    packs.delete(path);
    if (one.mark !== mark) {
      leave(one);
      one = undefined;
    }
  }
  one ??= { mark, pack: stagedFormat(format).pack!.open(path), users: 0, isLeaving: false };
  packs.set(path, one);
  if (packs.size > MAX_OPEN) {
    const [oldest, other] = packs.entries().next().value!;
    packs.delete(oldest);
    leave(other);
  }
  return one;
}

function leave(one: OpenPack): void {
  one.isLeaving = true;
  if (one.users === 0) one.pack.close();
}

/** A tile whose pack is told when it is closed. */
class PackedTile implements StagedFile {
  readonly #file: StagedFile;
  #onClose: (() => void) | null;

  constructor(file: StagedFile, onClose: () => void) {
    this.#file = file;
    this.#onClose = onClose;
  }

  get path(): StagedFile['path'] {
    return this.#file.path;
  }

  get columns(): StagedFile['columns'] {
    return this.#file.columns;
  }

  get rowCount(): number {
    return this.#file.rowCount;
  }

  get extent(): StagedFile['extent'] {
    return this.#file.extent;
  }

  rows(): StagedRows {
    return this.#file.rows();
  }

  row(number: number): ReturnType<StagedFile['row']> {
    return this.#file.row(number);
  }

  search(
    minX: number,
    minY: number,
    maxX: number,
    maxY: number,
    visit: BoxVisitor,
    isCancelled?: () => boolean,
  ): boolean {
    return this.#file.search(minX, minY, maxX, maxY, visit, isCancelled);
  }

  close(): void {
    this.#file.close();
    this.#onClose?.();
    this.#onClose = null;
  }
}
