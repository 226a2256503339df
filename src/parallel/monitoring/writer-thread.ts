/** The thread that writes a monitoring file. */

import * as modules from 'node:module';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { toTilewrightError } from '../../core/errors.ts';
import { type Batch, RunWriter } from './run-writer.ts';
import type { Row } from './schema.ts';

/** Without news the file says so often that the run is alive, in milliseconds. */
const ALIVE_MS = 5_000;
/** As nice(2) counts, of 0 to 19. */
const LOW_PRIORITY = 10;
const NOTHING: Batch = { tasks: null, blocks: [] };

export interface WriterData {
  path: string;
  workflow: Row<'workflow'>;
  resourceIntervalMs: number;
  /** Its first number is 1 when the last batch is in the file, or can't be. */
  ended: Int32Array;
}

/** What the thread tells: null: the file is complete; or the message of why it never will be. */
export type FromWriter = string | null;

const { path, workflow, resourceIntervalMs, ended } = workerData as WriterData;
const port = parentPort!;

// Where all cores are busy, with tasks first. Linux alone has priorities of threads.
if (process.platform === 'linux') setPriority(LOW_PRIORITY);

// The next run starts sooner. Deno has no such cache.
modules.enableCompileCache?.();

function end(message: FromWriter): void {
  Atomics.store(ended, 0, 1);
  Atomics.notify(ended, 0);
  port.postMessage(message);
  port.close();
  clearInterval(alive);
  clearInterval(samples);
}

function guarded(work: () => void): void {
  try {
    work();
  } catch (error) {
    end(toTilewrightError(error, {}, 'output-unwritable').message);
  }
}

let writer: RunWriter | undefined;
let alive: NodeJS.Timeout | undefined;
let samples: NodeJS.Timeout | undefined;

guarded(() => {
  writer = new RunWriter(path, workflow);
  alive = setInterval(() => guarded(() => writer?.write(NOTHING)), ALIVE_MS);
  if (resourceIntervalMs > 0) {
    samples = setInterval(() => guarded(() => writer?.sample()), resourceIntervalMs);
  }
});

port.on('message', (batch: Batch) => {
  if (writer === undefined) return;
  guarded(() => {
    if (batch.endedAt !== undefined && resourceIntervalMs > 0) writer!.sample();
    writer!.write(batch);
    if (batch.endedAt === undefined && batch.last !== true) return;
    writer!.close();
    end(null);
  });
});
