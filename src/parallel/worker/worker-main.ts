/** The program that a provider starts on each node of a block. */

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { toTilewrightError } from '../../core/errors.ts';
import { printable } from '../../core/printable.ts';
import { readModules } from '../blocks/modules-file.ts';
import { registry } from '../registry.ts';
import { runAsIfCalledWith } from '../threads/worker-thread.ts';
import { jobCores, jobEnd } from './job-end.ts';
import { LOG_PREFIX } from './printed-files.ts';
import { runWorker } from './worker.ts';

const { values } = parseArgs({
  options: {
    connect: { type: 'string' },
    'key-file': { type: 'string' },
    // A file, because everybody can see the arguments of a process.
    'queue-file': { type: 'string' },
    'queue-name': { type: 'string' },
    'queue-ca': { type: 'string' },
    owner: { type: 'string' },
    block: { type: 'string' },
    'parent-pipe': { type: 'boolean', default: false },
    workers: { type: 'string' },
    'cores-per-worker': { type: 'string' },
    walltime: { type: 'string' },
    modules: { type: 'string' },
    temporary: { type: 'string' },
    'cpu-affinity': { type: 'string' },
    accelerator: { type: 'string', multiple: true },
  },
});

/** Seconds that the block lasts from now on, or Slurm's word for when the job ends. */
function endOfBlock(): number | null {
  const slurm = jobEnd();
  if (slurm !== null) return slurm;
  return values.walltime === undefined ? null : Date.now() + Number(values.walltime) * 1000;
}

/** At the most: also no more than the cores that the job has asked for are enough for. */
function workersOfNode(): number | undefined {
  const most = number(values.workers);
  const cores = jobCores();
  if (cores === null) return most;
  const byCores = Math.max(1, Math.floor(cores / (number(values['cores-per-worker']) ?? 1)));
  return Math.min(most ?? byCores, byCores);
}

function number(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function log(line: string): void {
  process.stderr.write(`${LOG_PREFIX}${printable(line)}\n`);
}

try {
  const { modules } = values;
  if (modules !== undefined) {
    registry.lookIn(() => readModules(modules).modules);
    runAsIfCalledWith(readModules(modules).argv);
  }
  const queueFile = values['queue-file'];
  const reason = await runWorker({
    connect: values.connect,
    keyFile: values['key-file'],
    queue: queueFile === undefined ? undefined : readFileSync(queueFile, 'utf8'),
    queueName: values['queue-name'],
    queueCa: values['queue-ca'],
    owner: values.owner,
    blockId: values.block,
    parentPipe: values['parent-pipe'],
    temporaryFolder: values.temporary,
    maxWorkers: workersOfNode(),
    coresPerWorker: number(values['cores-per-worker']),
    endsAt: endOfBlock(),
    cpuAffinity: values['cpu-affinity'],
    accelerators: values.accelerator,
    followOutput: true,
    log,
  });
  log(`ended, because ${reason}`);
} catch (error) {
  log(toTilewrightError(error).message);
  process.exitCode = 1;
}
// A connection to a server that is gone may still wait for it.
process.exit();
