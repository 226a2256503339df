/** What runs in a worker thread: takes tasks, one at a time, and answers with their results. */

import { readlinkSync } from 'node:fs';
import * as modules from 'node:module';
import { workerData } from 'node:worker_threads';
import { callFunction, surveyResult, writeResult } from '../inside/call.ts';
import { CapturedOutput } from '../inside/capture-output.ts';
import { enterWorker } from '../inside/worker-state.ts';
import { TASK_VARIABLE } from '../processes/mark.ts';
import { refusal, SHARED, writeText } from '../values/codec.ts';
import { encodeFailure } from '../values/failure.ts';
import type { FromThread, ThreadData, ToThread } from './messages.ts';
import { pinThread } from './pin-thread.ts';

/** UTF-16 code units that a task may print before anybody takes them. */
const MAX_AHEAD = 4 * 2 ** 20;

const { depth, port, printed } = workerData as ThreadData;
const answer = (message: FromThread, moved: ArrayBuffer[] = []): void =>
  port.postMessage(message, moved);

// Each worker imports the same modules. Deno has no such cache.
modules.enableCompileCache?.();
pinThread();
enterWorker(depth);
const output = new CapturedOutput((stream, text) => {
  answer({ output: stream, text });
  Atomics.add(printed, 0, text.length);
  for (let ahead = MAX_AHEAD + 1; !exiting && ahead > MAX_AHEAD; ) {
    ahead = Atomics.load(printed, 0);
    if (ahead > MAX_AHEAD) Atomics.wait(printed, 0, ahead);
  }
});
let exiting = false;
process.on('exit', () => {
  exiting = true;
  output.flush();
});

let told = false;

/** The thread's number leads to commands that were not given the token. */
function tellThread(): void {
  told = true;
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    if (Number.isInteger(thread)) answer({ thread });
  } catch {
    // The system does not tell.
  }
}

port.on('message', async (task: ToThread) => {
  const { id, token } = task;
  if (token !== null) {
    if (!told) tellThread();
    process.env[TASK_VARIABLE] = token;
  }
  try {
    await run(task);
  } catch (error) {
    output.flush();
    answer({ id, failure: encodeFailure(error) });
  }
});

async function run({ id, location, args, asText, measured, each }: ToThread): Promise<void> {
  const progress = (amount: number): void => answer({ id, progress: amount });
  const outcome = await callFunction({ location, args, progress, measured, each });
  output.flush();
  if (asText) {
    answer({ id, text: writeResult(location, outcome) });
    return;
  }
  const { value, usage } = outcome;
  const { form, moved, shared } = surveyResult(location, value);
  if (form !== 'text') {
    answer({ id, value, usage }, moved);
    return;
  }
  const of = `The result of ${location.name}`;
  if (shared) throw refusal(of, SHARED, 'task-failed');
  answer({ id, text: writeText(value, form, of, 'task-failed'), usage });
}
