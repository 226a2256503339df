/** Messages over a stream: one line of JSON each. */

import type { Duplex } from 'node:stream';
import { MAX_RESULT_LENGTH } from '../task.ts';

/** The longest line that is read: a result, with its quotes escaped. */
const MAX_LINE = 2 * MAX_RESULT_LENGTH + 4096;

/**
 * Calls `onMessage` with each message. What is no JSON, or longer than any message can be, destroys
 * the stream: nobody who speaks the protocol sends that.
 */
export function readMessages(stream: Duplex, onMessage: (message: unknown) => void): void {
  let parts: string[] = [];
  let length = 0;
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      parts.push(text.slice(start, end));
      const line = parts.length === 1 ? parts[0]! : parts.join('');
      parts = [];
      length = 0;
      start = end + 1;
      try {
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
    if (length > MAX_LINE) stream.destroy(new Error('a message is too long'));
  });
}

/** Sends a message; does nothing on a stream that is gone. */
export function sendMessage(stream: Duplex, message: unknown): void {
  if (stream.writable) stream.write(`${JSON.stringify(message)}\n`);
}
