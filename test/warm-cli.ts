/** Processes of the command line that are used again: starting one takes longer than most commands. */

import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { join } from 'node:path';

/** What a process is told to do. */
export interface WarmCommand {
  args: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Written to both streams when the command is over, with the exit code after it. */
  end: string;
}

const PROGRAM = join(import.meta.dirname, 'warm-cli-process.ts');
/** At most so many: tests that ask for a dozen at once would start a dozen. */
const MOST = 4;
const idle: ChildProcess[] = [];
const waiting: (() => void)[] = [];
let busy = 0;

/**
 * Runs `tilewright` as a process of its own would: on pipes, until nothing is left to wait for.
 * @returns the exit code, null when a signal or the time ended it
 */
export async function runWarm(
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; timeoutMs: number },
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  if (busy === MOST) await new Promise<void>((resolve) => waiting.push(resolve));
  else busy++;
  const child = idle.findLast(({ connected }) => connected) ?? start();
  const others = idle.filter((one) => one !== child && one.connected);
  idle.splice(0, idle.length, ...others);
  try {
    return await runIn(child, args, options);
  } finally {
    if (child.exitCode === null && child.signalCode === null) idle.push(child);
    const next = waiting.shift();
    if (next === undefined) busy--;
    else next();
  }
}

function runIn(
  child: ChildProcess,
  args: readonly string[],
  { cwd, env, timeoutMs }: { cwd: string; env: NodeJS.ProcessEnv; timeoutMs: number },
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const end = `\0end ${randomUUID()} `;
  return new Promise((resolve) => {
    const texts = ['', ''];
    const streams = [child.stdout!, child.stderr!];
    setReferenced(child, true);
    const finish = (code: number | null): void => {
      clearTimeout(timer);
      child.removeAllListeners('close');
      for (const stream of streams) stream.removeAllListeners('data');
      setReferenced(child, false);
      const [stdout, stderr] = texts.map((text) => text.split(end, 1)[0]!);
      resolve({ code, stdout: stdout!, stderr: stderr! });
    };
    const timer = setTimeout(() => child.kill(), timeoutMs);
    child.once('close', (code) => finish(code));
    for (const [i, stream] of streams.entries()) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        texts[i] += text;
        const isOver = texts.every((all) => all.endsWith('\n') && all.includes(end));
        if (isOver) finish(Number(texts[0]!.split(end)[1]));
      });
    }
    child.send({ args: [...args], cwd, env, end } satisfies WarmCommand);
  });
}

/** A command brings its variables along; marks by which tests find what they have started are not the process's own. */
function start(): ChildProcess {
  const names = ['PATH', 'TMPDIR', 'NODE_COMPILE_CACHE'];
  const env = Object.fromEntries(names.map((name) => [name, process.env[name]]));
  return spawn(process.execPath, [PROGRAM], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
}

/** Idle ones don't keep the tests from ending; they end with them. */
function setReferenced(child: ChildProcess, referenced: boolean): void {
  const parts: ({ ref(): void; unref(): void } | null | undefined)[] = [
    child,
    child.channel,
    child.stdout as Socket | null,
    child.stderr as Socket | null,
  ];
  for (const part of parts) part?.[referenced ? 'ref' : 'unref']();
}
