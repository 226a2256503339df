/** Writes a file from its start to its end in large pieces, as the disk wants them. */

import { alignedBytes, type OutputFile } from './output-file.ts';

/** What is written at once: the page cache copies small pieces sooner, disks want large ones. */
const PIECE_BYTES = 1 << 20;
const DIRECT_PIECE_BYTES = 4 << 20;

/** Of the writer that has finished: a worker mostly writes one file after the other. */
let idle: Uint8Array | undefined;

export class PieceWriter {
  readonly #output: OutputFile;
  readonly #buffer: Uint8Array;
  readonly #pieceBytes: number;
  #buffered = 0;
  #written = 0;

  /** @param output - nothing is in it yet; the caller closes it */
  constructor(output: OutputFile) {
    this.#output = output;
    this.#pieceBytes = output.direct ? DIRECT_PIECE_BYTES : PIECE_BYTES;
    this.#buffer = idle ?? alignedBytes(DIRECT_PIECE_BYTES);
    idle = undefined;
  }

  /** Bytes so far: where the next ones will be. */
  get position(): number {
    return this.#written + this.#buffered;
  }

  /** Appends the first `length` of the bytes. */
  write(bytes: Uint8Array, length: number): void {
    let done = 0;
    while (done < length) {
      const some = Math.min(length - done, this.#pieceBytes - this.#buffered);
      this.#buffer.set(bytes.subarray(done, done + some), this.#buffered);
      this.#buffered += some;
      done += some;
      if (this.#buffered === this.#pieceBytes) this.#flush();
    }
  }

  #flush(): void {
    this.#output.write(this.#buffer, this.#buffered, this.#written);
    this.#written += this.#buffered;
    this.#buffered = 0;
  }

  /** Writes what is left. It can't be used afterwards. */
  finish(): void {
    if (this.#buffered > 0) this.#flush();
    idle = this.#buffer;
  }
}
