/**
 * What a MonitoringHub costs: `npx node bench/monitoring.bench.ts [--tasks N] [--runs N]`. Runs tasks that take no
 * time on two threads, with and without it, in turns, each time in a new process, and compares times by the clock
 * and CPU times, which a busy machine disturbs less.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { tasks: { type: 'string', default: '10000' }, runs: { type: 'string', default: '9' } },
});
const folder = mkdtempSync(join(tmpdir(), 'tilewright-monitoring-'));
const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

interface Cost {
  cpu: number;
  wall: number;
}

/** Seconds that the tasks take once the threads are warm, and of CPU until all is written. */
function measure(monitored: boolean): Cost {
  const program = join(folder, 'program.mjs');
  const hub = `new MonitoringHub({ logDir: ${JSON.stringify(folder)} })`;
  writeFileSync(
    program,
    `import { app, Config, load, MonitoringHub, ThreadPoolExecutor } from ${url('../src/parallel.ts')};
    const executors = [new ThreadPoolExecutor({ maxThreads: 2 })];
    const kernel = await load(new Config({ executors${monitored ? `, monitoring: ${hub}` : ''} }));
    const next = app(new URL(${url('./trivial-task.ts')}), 'next');
    const run = (count) => Promise.all(Array.from({ length: count }, (_, i) => next(i)));
    await run(5000);
    const [before, started] = [process.cpuUsage(), performance.now()];
    await run(${Number(values.tasks)});
    const wall = (performance.now() - started) / 1e3;
    await kernel.cleanup();
    const { user, system } = process.cpuUsage(before);
    console.log(JSON.stringify({ wall, cpu: (user + system) / 1e6 }));`,
  );
  const { stdout, stderr, status } = spawnSync(process.execPath, [program], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Cost;
}

const median = (numbers: number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

try {
  const ratios = { cpu: [] as number[], wall: [] as number[] };
  /** The fastest run of each kind is the least disturbed. */
  const least = { on: Number.POSITIVE_INFINITY, off: Number.POSITIVE_INFINITY };
  for (let run = 0; run < Number(values.runs); run++) {
    // Which comes first changes, since the second may find a warmer machine.
    const first = run % 2 === 0;
    const [a, b] = [measure(first), measure(!first)];
    const [on, off] = first ? [a, b] : [b, a];
    least.on = Math.min(least.on, on.wall);
    least.off = Math.min(least.off, off.wall);
    ratios.cpu.push(on.cpu / off.cpu);
    ratios.wall.push(on.wall / off.wall);
    console.log(
      `with ${on.wall.toFixed(2)} s, ${on.cpu.toFixed(2)} s CPU; ` +
        `without ${off.wall.toFixed(2)} s, ${off.cpu.toFixed(2)} s CPU`,
    );
  }
  console.log(
    `${values.tasks} tasks: time × ${median(ratios.wall).toFixed(3)} (fastest runs: ` +
      `× ${(least.on / least.off).toFixed(3)}), CPU × ${median(ratios.cpu).toFixed(3)}`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
