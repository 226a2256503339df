/** Messages over a stream: one line of JSON each. */

import type { Duplex } from 'node:stream';
import { MAX_RESULT_LENGTH } from '../inside/call.ts';
import { roomIn } from '../stream-room.ts';

/** The longest line that is read: a result, with its quotes escaped. */
export const MAX_LINE = 2 * MAX_RESULT_LENGTH + 4096;

/**
 * Calls `onMessage` with each message. What is no JSON, longer than any message can be, or refused
 * by `onMessage`, which throws then, destroys the stream: nobody who speaks the protocol sends that.
 * @param maxLine - the longest line that is read now, in UTF-16 code units
 */
export function readMessages(
  stream: Duplex,
  onMessage: (message: unknown) => void,
  maxLine: () => number = () => MAX_LINE,
): void {
  let parts: string[] = [];
  let length = 0;
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      if (stream.destroyed) return;
      parts.push(text.slice(start, end));
      const line = parts.length === 1 ? parts[0]! : parts.join('');
      parts = [];
      length = 0;
      start = end + 1;
      try {
        if (line.length > maxLine()) throw new Error('a message is too long');
        onMessage(JSON.parse(line));
      } catch (error) {
        stream.destroy(error instanceof Error ? error : new Error(String(error)));
        return;
      }
    }
    if (start < text.length) {
      parts.push(text.slice(start));
      length += text.length - start;
    }
    if (length > maxLine()) stream.destroy(new Error('a message is too long'));
  });
}

/**
 * Sends a message; does nothing on a stream that is gone.
 * @returns a promise of when there is room for more, if there is none
 */
export function sendMessage(stream: Duplex, message: unknown): Promise<void> | undefined {
  if (!stream.writable) return undefined;
  stream.write(`${JSON.stringify(message)}\n`);
  return roomIn(stream);
}
