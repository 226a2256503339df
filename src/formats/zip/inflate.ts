/** Inflates deflated bytes piece by piece, while the caller waits. */

import { constants, createInflateRaw } from 'node:zlib';

/** Of what comes out, at a time. */
const OUTPUT_BYTES = 1 << 16;

/** What Node's streams have for all who can't wait for events, among them the npm that comes with it. */
interface SyncStream {
  _handle: { close(): void } | null;
  _processChunk(chunk: Uint8Array, flush: number): Buffer;
  close(): void;
  on(event: 'error', heard: () => void): void;
  removeAllListeners(event: 'error'): void;
}

export class Inflater {
  readonly #stream = createInflateRaw({ chunkSize: OUTPUT_BYTES }) as unknown as SyncStream;
  readonly #handle = this.#stream._handle;

  /**
   * What the next bytes inflate to: up to 1,032 times as many.
   * @throws Error of zlib for bytes that are no such
   */
  push(bytes: Uint8Array): Buffer {
    const stream = this.#stream;
    const handle = this.#handle!;
    // It ends the stream after each chunk: hence this, for as long as it takes.
    const ends = [
      [handle, handle.close],
      [stream, stream.close],
    ] as const;
    for (const [one] of ends) one.close = () => undefined;
    try {
      return stream._processChunk(bytes, constants.Z_SYNC_FLUSH);
    } finally {
      for (const [one, close] of ends) one.close = close;
      stream._handle = handle;
      // It listens once more at each; and tells again, later, of what was thrown.
      stream.removeAllListeners('error');
      stream.on('error', () => undefined);
    }
  }

  close(): void {
    this.#stream.close();
  }
}
