/**
 * What becomes of every file of the shared data's folders `nasty` and `real`: a line for each layer, or
 * one with the error. Run it to write the table anew: `npx node test/formats/outcomes.ts`.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { globSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { sharedData } from '../staging/support.ts';

export const TABLE = new URL('./outcomes.tsv', import.meta.url);
const PROCESS = new URL('./outcomes-process.ts', import.meta.url).pathname;
/** Of a file; on a machine that does nothing else. */
const SECONDS = 10;
const MEGABYTES = 1024;
const HEAD = 'file\tlayer\tformat\trows\tpolygons\tleft out';

interface Outcome {
  path: string;
  lines: string[];
  megabytes: number;
}

/** Files one after the other; the next process begins where one has crashed, or hung. */
export async function outcomes(data: string, seconds = SECONDS): Promise<string> {
  const files = ['nasty', 'real']
    .flatMap((folder) => globSync(`${folder}/**/*`, { cwd: data }))
    .filter((path) => statSync(join(data, path)).isFile())
    .sort();
  const table = [HEAD];
  let running: ReturnType<typeof start> | null = null;
  for (const path of files) {
    running ??= start(data);
    const found = await running.ask(path, seconds);
    if (typeof found === 'string' || found.megabytes > MEGABYTES) {
      running.stop();
      running = null;
    }
    const lines = typeof found === 'string' ? [`\t${found}`] : found.lines;
    const isLarge = typeof found !== 'string' && found.megabytes > MEGABYTES;
    for (const line of isLarge ? [`\tmore than ${MEGABYTES} MB`] : lines) {
      table.push(`${path}\t${line}`);
    }
  }
  running?.stop();
  return `${table.join('\n')}\n`;
}

function start(cwd: string) {
  const child: ChildProcess = spawn(process.execPath, ['--max-old-space-size=800', PROCESS], {
    cwd,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  // What a crash leaves unread is told of by the end of its answers.
  child.stdin!.on('error', () => undefined);
  let first = true;
  return {
    async ask(path: string, seconds: number): Promise<Outcome | string> {
      child.stdin!.write(`${path}\n`);
      // Its start does not count.
      const late = new AbortController();
      const limit = (first ? 6 : 1) * seconds * 1000;
      first = false;
      const answer = await Promise.race([
        lines.next(),
        setTimeout(limit, null, { signal: late.signal }).catch(() => null),
      ]);
      late.abort();
      if (answer === null) return `hangs for more than ${seconds} s`;
      return answer.done === true ? 'crashes' : (JSON.parse(answer.value) as Outcome);
    },
    stop(): void {
      child.kill('SIGKILL');
    },
  };
}

if (import.meta.main) {
  const data = sharedData();
  if (data === null) throw new Error('the shared data is not there');
  writeFileSync(TABLE, await outcomes(data));
}
