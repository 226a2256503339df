/**
 * Commands that tasks start do not outlive them: whatever starts them, and however the task, the worker
 * or the program ends.
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Random } from '../../../src/core/random.ts';
import { redisMissing, startRedis } from '../../integration/engines/redis.ts';
import { rounds, seedOf } from '../../soak/rounds.ts';
import { folderFor } from './programs.ts';

const ROUNDS = rounds(4, 32);

/** Each way of starting something that goes on: `mark` is how long it sleeps, and tells it from others. */
const APPS = `
import { execSync, spawn, spawnSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
const ignore = { stdio: 'ignore' };
export const waits = (mark) => { execSync('sleep ' + mark); };
export const shell = (mark) => { execSync('sleep ' + mark + ' & sleep ' + mark); };
export const leaves = async (mark) => { execSync('(setsid sleep ' + mark + ' >/dev/null 2>&1 &)'); await setTimeout(60_000); };
export const apart = async (mark) => { spawn('sleep', [mark], { ...ignore, detached: true }).unref(); await setTimeout(60_000); };
export const follows = (mark) => new Promise((resolve) => spawn('sleep', [mark], ignore).on('exit', resolve));
export const ignoring = (mark) => { execSync('trap "" TERM INT; sleep ' + mark + '; sleep ' + mark); };
export const again = (mark) => { for (;;) execSync('sleep 0.05; (sleep ' + mark + ' &) >/dev/null 2>&1'); };
export const bare = (mark) => { spawnSync('/bin/sleep', [mark], { env: {} }); };
`;

const PROGRAM = `HEAD
import { setTimeout as sleep } from 'node:timers/promises';
import { existsSync } from 'node:fs';
const [, , , mark, how, ways] = process.argv;
const engine = await load(new Config({ retries: 0, exitMode: 'cancel', executors: [executor()] }));
const limit = how === 'limit' ? { timeLimitMs: 1500 } : {};
const futures = ways.split(',').map((way) => way === 'bash'
  ? bashApp((m) => 'sleep ' + m + ' & sleep ' + m, limit)(mark)
  : app(new URL('./apps.mjs', import.meta.url), way, limit)(mark));
const settled = Promise.allSettled(futures);
while (!futures.some((future) => future.state === 'running' || future.done())) await sleep(5);
console.log('running');
const go = async () => { while (!existsSync(mark)) await sleep(5); };
if (how === 'cancel') { await go(); for (const future of futures) future.cancel(); }
if (how === 'clear') { await go(); await engine.cleanup(); }
if (how === 'exit') { await go(); process.exit(3); }
await settled;
// Those that ran are stopped; the executor goes on.
if (how === 'cancel' || how === 'limit') { await sleep(1500); console.log('stopped'); await sleep(60_000); }
await engine.cleanup();
`;

const WAYS = ['waits', 'shell', 'leaves', 'apart', 'follows', 'ignoring', 'again', 'bash', 'bare'];
const ENDS = ['KILL', 'INT', 'TERM', 'cancel', 'limit', 'clear', 'exit', 'worker'] as const;

/** Command lines of processes in which the mark is a word; those of the programs themselves apart. */
function sleeping(mark: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return words[0]!.endsWith('sleep') && words.includes(mark) ? [words.join(' ')] : [];
    } catch {
      return [];
    }
  });
}

/** Processes of a program's blocks. */
function workersOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return children.map(Number).filter((child) => {
    try {
      return readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('worker-main');
    } catch {
      return false;
    }
  });
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

for (const [k, kind] of (['threads', 'local', 'redis'] as const).entries()) {
  const skip = (kind === 'redis' && redisMissing()) || (process.platform !== 'linux' && 'no /proc');
  suite(`commands end with their tasks: ${kind}`, { skip }, () => {
    test(`${ROUNDS} random ends`, async (t) => {
      const redis = kind === 'redis' ? await startRedis() : undefined;
      t.after(() => redis?.stop());
      const folder = folderFor(t);
      folder.write('apps.mjs', APPS);
      folder.write('program.mjs', PROGRAM);
      const random = new Random(seedOf(kind.length));
      const numbers = Array.from({ length: ROUNDS }, (_, i) => i).values();
      const round = async (i: number): Promise<void> => {
        // Every second end on each kind in four rounds, all in eight.
        const end = ENDS[(2 * i + (i >> 2) + k) % ENDS.length]!;
        if (end === 'worker' && kind === 'threads') return;
        // On threads, who is killed can't take along what was given another environment.
        const known = kind === 'threads' ? WAYS.filter((way) => way !== 'bare') : WAYS;
        const ways = [known[(4 * k + i) % known.length]!, known[random.integer(known.length)]!];
        const mark = `${300 + random.integer(9000)}.${process.pid}${i}`;
        const after = random.integer(400);
        const args = [redis?.url ?? kind, mark, end, ways.join(',')];
        let most = 0;
        const began = performance.now();
        const onOutput = async (pid: number, text: string): Promise<void> => {
          if (text.includes('running')) {
            for (let look = 0; look < 150 && sleeping(mark).length < 1; look++)
              await setTimeout(20);
            await setTimeout(after);
            most = sleeping(mark).length;
            writeFileSync(join(folder.path, mark), '');
            if (end === 'KILL' || end === 'INT' || end === 'TERM') kill(pid, `SIG${end}`);
            if (end !== 'worker') return;
            for (const worker of workersOf(pid)) kill(worker, 'SIGKILL');
            // A queue gives the task to the next worker, and that one's end is another round's.
            if (kind === 'redis') await setTimeout(2_000).then(() => kill(pid, 'SIGKILL'));
          } else if (text.includes('stopped')) {
            const left = sleeping(mark);
            kill(pid, 'SIGKILL');
            assert.deepEqual(left, [], `${end} ${ways}: while the program goes on`);
          }
        };
        const told: unknown[] = [];
        const { stderr } = await folder.run('program.mjs', args, {
          onOutput: (pid, text) => void onOutput(pid, text).catch((error) => told.push(error)),
        });
        for (let wait = 0; wait < 100 && sleeping(mark).length > 0; wait++) await setTimeout(50);
        assert.deepEqual(sleeping(mark), [], `${end} ${ways} after ${after} ms: ${stderr}`);
        assert.deepEqual(told, []);
        t.diagnostic(`${end} ${ways}: ${most} ran; ${Math.round(performance.now() - began)} ms`);
      };
      const lanes = Array.from({ length: 3 }, async () => {
        for (const i of numbers) await round(i);
      });
      await Promise.all(lanes);
    });
  });
}
