/**
 * What the command writes to its standard output and error. Names of files, layers and columns, and
 * messages about them, come from outside: whatever is written goes through `printableLines`, whoever
 * writes it, Node's warnings and tasks in threads too. Escape sequences of our own go past it by
 * `styledWriter`, whose callers make what they have from outside printable themselves.
 */

import { printableLines } from '../core/printable.ts';

type Write = (text: string | Uint8Array) => boolean;

/** The part of a stream that matters here. */
interface Output {
  // biome-ignore lint/suspicious/noExplicitAny: the overloads of Node's streams
  write(...args: any[]): boolean;
}

const unguarded = new WeakMap<Output, Write>();

/** From now on these streams take nothing that a terminal would obey, but line feeds. */
export function guardOutput(
  streams: readonly Output[] = [process.stdout, process.stderr] as const,
): void {
  for (const stream of new Set(streams)) {
    if (unguarded.has(stream)) continue;
    const write = stream.write.bind(stream);
    const decoder = new TextDecoder();
    unguarded.set(stream, write);
    const guarded = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
      const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
      return write(printableLines(text), ...rest.filter((each) => typeof each === 'function'));
    };
    Object.defineProperty(stream, 'write', { value: guarded, configurable: true, writable: true });
  }
}

/** A message whose further lines can't be taken for messages of their own. */
export function hanging(message: string): string {
  return message.replaceAll('\n', '\n  ');
}

/** Writes text as it is, with escape sequences. */
export function styledWriter(stream: Output): (text: string) => boolean {
  return rawWriter(stream);
}

/** Writes bytes as they are: a picture, say. */
export function rawWriter(stream: Output): Write {
  return unguarded.get(stream) ?? stream.write.bind(stream);
}
