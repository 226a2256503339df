/** What tasks print: it arrives at the program, and in files where these are asked for. */

import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../core/files/make-folder.ts';
import type { OutputStream } from './inside/capture-output.ts';
import { roomIn } from './stream-room.ts';

/** Something that a worker has printed. */
export interface TaskOutput {
  stream: OutputStream;
  text: string;
  /** `host/process/thread`. */
  worker: string;
}

/**
 * Gets what tasks print, as it comes. What it returns may be a promise: a task of a thread that prints
 * faster than that is taken waits, so that what it prints does not fill the memory.
 */
export type OutputListener = (output: TaskOutput) => unknown;

/** How executors are told where output goes. */
export interface OutputOptions {
  /** Gets what tasks print. Default: it goes to the program's own output, as it comes. */
  onOutput?: OutputListener;
}

/** As if this program had printed it. */
export const printOutput: OutputListener = ({ stream, text }) => {
  process[stream].write(text);
  return roomIn(process[stream]);
};

/**
 * Keeps what workers print in files as well, one for each worker and stream.
 * @param folder - is made with the first file
 */
export function keepOutput(folder: string, listener: OutputListener): OutputListener {
  let broken = false;
  return (output) => {
    const { stream, text, worker } = output;
    const name = `worker-${worker.replaceAll(/[^\w.-]+/g, '-')}.${stream === 'stdout' ? 'out' : 'err'}`;
    try {
      if (!broken) {
        makeFolder(folder);
        appendFileSync(join(folder, name), text);
      }
    } catch (error) {
      broken = true;
      const reason = error instanceof Error ? error.message : String(error);
      process.emitWarning(`What tasks print is not kept any more: ${reason}`);
    }
    return listener(output);
  };
}
