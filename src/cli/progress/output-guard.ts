/** Catches what is written to a terminal while something else draws on it. */

import type { WriteStream } from 'node:tty';

/**
 * Replaces `write` of those streams that are terminals. Whole lines go to `onText`; what is begun
 * waits for its end.
 * @returns `release` gives the streams back and writes what is left
 */
export function caughtOutput(
  streams: readonly WriteStream[],
  onText: (text: string) => void,
): { release(): void } {
  const releases = [...new Set(streams)]
    .filter(({ isTTY }) => isTTY)
    .map((stream) => {
      const own = Object.getOwnPropertyDescriptor(stream, 'write');
      const decoder = new TextDecoder();
      let begun = '';
      const write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
        begun += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
        const end = begun.lastIndexOf('\n') + 1;
        if (end > 0) {
          const text = begun.slice(0, end);
          begun = begun.slice(end);
          onText(text);
        }
        const done = rest.find((argument) => typeof argument === 'function');
        if (done !== undefined) process.nextTick(done as () => void);
        return true;
      };
      Object.defineProperty(stream, 'write', { value: write, configurable: true, writable: true });
      return (): void => {
        if (own === undefined) Reflect.deleteProperty(stream, 'write');
        else Object.defineProperty(stream, 'write', own);
        if (begun !== '') stream.write(begun);
      };
    });
  return {
    release: () => {
      for (const release of releases) release();
    },
  };
}
