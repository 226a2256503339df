/** Keeps the process that runs SQL apart, while the thread that wants its answer waits. */

import { spawn } from 'node:child_process';
import { type MessagePort, workerData } from 'node:worker_threads';
import type { ApartAnswer } from './apart.ts';

const { command, limitMs, port, signal } = workerData as {
  command: string[];
  limitMs: number;
  port: MessagePort;
  signal: Int32Array;
};

/** Characters of an answer. */
const MAX_OUTPUT = 2 ** 26;

// Its standard input is closed when this thread ends, however it does: that ends the process.
const child = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'ignore'] });
let output = '';
let stopped: 'time' | 'size' | null = null;
child.stdout.setEncoding('utf8').on('data', (text: string) => {
  output += text;
  if (output.length > MAX_OUTPUT) stop('size');
});
const timer = setTimeout(stop, limitMs, 'time');
child.on('error', () => finish({ failure: 'ended' }));
child.on('close', () => {
  if (stopped !== null) finish({ failure: stopped });
  else if (output.endsWith('\n')) finish(JSON.parse(output) as ApartAnswer);
  else finish({ failure: 'ended' });
});

function stop(why: 'time' | 'size'): void {
  stopped = why;
  output = '';
  child.kill('SIGKILL');
}

function finish(answer: ApartAnswer): void {
  clearTimeout(timer);
  port.postMessage(answer);
  Atomics.store(signal, 0, 1);
  Atomics.notify(signal, 0);
}
