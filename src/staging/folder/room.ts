/**
 * Whether the disk of the staged folder will hold what a run makes: told while there is time to stop
 * it. Never an error: an input may be unlike the others, and somebody may make room meanwhile.
 */

import { statfsSync } from 'node:fs';

/** What the file system has left. */
export interface Room {
  bytes: number;
  /** Files that it has room for; null where it does not count them. */
  files: number | null;
}

/** More tiles than most file systems and programs are at ease with. */
const MANY_TILES = 10_000_000;
/** Tiles are half as large again as their rows, by their pages and indexes: 1.42 times on the benchmark's data. */
const COPIES = 1.5;

export function roomIn(folder: string): Room {
  const { bavail, bsize, files, ffree } = statfsSync(folder);
  // Some file systems (btrfs, many of networks) make room for files as they go, and say 0.
  return { bytes: bavail * bsize, files: files > 0 ? ffree : null };
}

/**
 * What is to be said of so many tiles: the end of a sentence; null if it is nothing.
 * @param files - what the disk has room for, or null
 */
export function tooManyTiles(tiles: number, files: number | null): string | null {
  const limit = files === null ? MANY_TILES : Math.min(files, MANY_TILES);
  if (tiles <= limit) return null;
  const has =
    limit === files ? `, and its disk has room for ${limit.toLocaleString('en')} more files` : '';
  return `${tiles.toLocaleString('en')} tiles, a file each${has}. Is z too high?`;
}

/** Follows the slices that are staged, and warns once of what the whole would come to. */
export class RoomWatch {
  readonly #total: number;
  readonly #room: () => Room;
  readonly #warn: (message: string) => void;
  #read = 0;
  #bytes = 0;
  #tiles = 0;
  #slices = 0;
  readonly #warned = new Set<string>();

  /** @param total - bytes of all inputs, of which slices tell their parts */
  constructor(total: number, room: () => Room, warn: (message: string) => void) {
    this.#total = total;
    this.#room = room;
    this.#warn = warn;
  }

  /** @param read - bytes of the input @param bytes - of its rows @param tiles - that they are in */
  staged(read: number, bytes: number, tiles: number): void {
    this.#read += read;
    this.#bytes += bytes;
    this.#tiles += tiles;
    this.#slices++;
    // After 1, 2, 4 … slices: a look at a disk elsewhere may take a while.
    if ((this.#slices & (this.#slices - 1)) === 0 && this.#read > 0) this.#look();
  }

  #look(): void {
    const whole = Math.max(1, this.#total / this.#read);
    const { bytes, files } = this.#room();
    const needed = COPIES * whole * this.#bytes - this.#bytes;
    if (needed > bytes) {
      this.#tell(
        'bytes',
        `This run may need about ${gigabytes(needed)} more, and the disk of the staged folder has ` +
          `${gigabytes(bytes)} left. Make room, stage fewer inputs at a time, or choose a lower z`,
      );
    }
    // Slices share tiles, so there may be fewer.
    const tiles = Math.round(whole * this.#tiles);
    const tooMany = tooManyTiles(tiles, files);
    if (tooMany !== null) this.#tell('tiles', `This run may write up to ${tooMany}`);
  }

  #tell(about: string, message: string): void {
    if (this.#warned.has(about)) return;
    this.#warned.add(about);
    this.#warn(message);
  }
}

function gigabytes(bytes: number): string {
  const value = bytes / 2 ** 30;
  return `${value.toLocaleString('en', { maximumSignificantDigits: 3 })} GiB`;
}
