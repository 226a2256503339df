/** When a stream that was written to faster than it is read takes more. */

import type { Writable } from 'node:stream';

const waited = new WeakMap<Writable, Promise<void>>();

/** Resolves when what was written is on its way, or the stream is gone; undefined if there is room now. */
export function roomIn(stream: Writable): Promise<void> | undefined {
  if (!stream.writableNeedDrain) return undefined;
  const known = waited.get(stream);
  if (known !== undefined) return known;
  const room = new Promise<void>((resolve) => {
    const end = (): void => {
      stream.off('drain', end).off('close', end);
      waited.delete(stream);
      resolve();
    };
    stream.on('drain', end).on('close', end);
  });
  waited.set(stream, room);
  return room;
}
