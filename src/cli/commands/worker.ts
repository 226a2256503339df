/** `tilewright worker`: a worker that is started by hand. */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TilewrightError } from '../../core/errors.ts';
import { registerCommands } from '../../parallel/apps/register-commands.ts';
import { registry } from '../../parallel/registry.ts';
import { runWorker } from '../../parallel/worker/worker.ts';
// Registers the tasks of staging.
import '../../staging/tile-stager.ts';
import type { WorkerCommand } from '../arguments/worker-arguments.ts';

export async function workerCommand(command: WorkerCommand): Promise<never> {
  const queue = command.queue ?? process.env['TILEWRIGHT_QUEUE'];
  if (queue === undefined || queue === '') {
    throw new TilewrightError(
      'usage',
      'worker needs --queue URL, or TILEWRIGHT_QUEUE with it: where its tasks come from',
    );
  }
  for (const text of command.tasks) registerTasks(text);
  if (command.commands) registerCommands();
  const log = (line: string): void => {
    process.stderr.write(`${new Date().toISOString()} ${line}\n`);
  };
  const { queueName, queueCa, maxWorkers, coresPerWorker, idleExit } = command;
  const reason = await runWorker({
    queue,
    queueName,
    queueCa: queueCa ?? undefined,
    maxWorkers: maxWorkers ?? undefined,
    coresPerWorker,
    idleExitMs: idleExit === null ? undefined : idleExit * 1000,
    log,
  });
  log(`ended, because ${reason}`);
  // A connection to a server that is gone may still wait for it.
  process.exit(0);
}

/** @param text - `[NAME=]PATH` */
function registerTasks(text: string): void {
  const [, name, path] = /^(?:([\w-]+)=)?(.*)$/s.exec(text)!;
  const file = resolve(path!);
  if (!existsSync(file)) {
    throw new TilewrightError('usage', `There is no module of tasks ${path}`);
  }
  registry.register(pathToFileURL(file), name);
}
