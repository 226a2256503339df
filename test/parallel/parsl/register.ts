/** Registers the cases for an engine. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { Config, clear, type Executor, load } from '../../../src/parallel.ts';
import { SOAK } from '../../soak/rounds.ts';
import { CASES } from './cases.ts';
import { type Case, type Engine, makeKit } from './kit.ts';

export interface EngineOptions {
  skip?: string | false;
  /** A new executor, whose blocks write to the folder. */
  make(workers: number, label: string, folder: string): Executor;
  /** Where the folders of cases are made, once the tests run. Default: the system's. */
  parent?: () => string;
  /** Called when all workers have ended. */
  atEnd?: () => Promise<void>;
}

/** Workers that all cases share. */
const WORKERS = 2;

/**
 * The cases that are for the engine. Most are about the kernel, which is the same everywhere: of these, engines that
 * are slow to start have a third each, and all in a soak.
 */
function casesFor(engine: Engine): readonly Case[] {
  const third = ['redis', 'slurm'].indexOf(engine);
  return CASES.filter(({ on }, i) => {
    return on?.includes(engine) ?? (SOAK || third === -1 || i % 3 === third);
  });
}

/** Runs each case that is for the engine. */
export function registerCases(engine: Engine, options: EngineOptions): void {
  const { skip = false, make, parent = tmpdir, atEnd } = options;
  suite(`after Parsl's tests: ${engine}`, { skip }, () => {
    let shared: Executor | undefined;
    let folder = '';
    after(async () => {
      await shared?.shutdown();
      rmSync(folder, { recursive: true, force: true });
      await atEnd?.();
    });
    for (const one of casesFor(engine)) {
      test(`${one.name} (${one.after})`, async () => {
        if (shared === undefined) {
          folder = mkdtempSync(join(parent(), 'tilewright-parsl-'));
          shared = make(WORKERS, 'shared', folder);
        }
        await runCase(one, engine, mkdtempSync(join(folder, 'case-')), shared, make);
      });
    }
  });
}

async function runCase(
  one: Case,
  engine: Engine,
  folder: string,
  shared: Executor,
  make: EngineOptions['make'],
): Promise<void> {
  const made: Executor[] = [];
  const kit = makeKit(engine, folder, shared, make, made);
  try {
    if (one.config === null) {
      await one.run({
        ...kit,
        get kernel(): never {
          throw new Error(`${one.name} loads its own kernel`);
        },
      });
    } else {
      const kernel = await load(new Config(kit.config(one.config)));
      await one.run({ ...kit, kernel });
    }
  } finally {
    await clear();
    await Promise.all(made.map((executor) => executor.shutdown()));
  }
}
