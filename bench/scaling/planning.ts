/** The real planner at work on a job's inputs: what it plans, and what that costs. */

import { Config } from '../../src/staging/configuration/config.ts';
import type { StagedInput } from '../../src/staging/folder/journal/journal.ts';
import { findInputs } from '../../src/staging/inputs/inputs.ts';
import { type Plan, planRun } from '../../src/staging/planning/plan.ts';

export interface PlanningCost {
  /** Listing the folder and finding out which files are inputs. */
  findSeconds: number;
  planSeconds: number;
  cpuSeconds: number;
  /** Memory that the plan takes once it is made. */
  heapBytes: number;
}

export interface Planning {
  plan: Plan;
  cost: PlanningCost;
}

/** Plans the staging of all inputs in the folder into an empty staged folder. */
export function planFolder(folder: string): Promise<Planning> {
  return planBeside(folder, []);
}

/** The same once all of the plan is committed and no file has changed since. */
export async function planAgain(folder: string, { planned }: Plan): Promise<PlanningCost> {
  const stagedAt = new Date(0).toISOString();
  const statistics = { rowsRead: 0, featuresStaged: 0, rows: 0, droppedM: 0, drops: {} };
  const staged = planned.map((input): StagedInput => {
    const { name, file, path, root, selection, layers, fingerprint, crsOrigin, columns } = input;
    const identity = { name, file, path, root, selection, layers, fingerprint, crsOrigin };
    return { ...identity, recordColumns: columns, columns, statistics, stagedAt };
  });
  const { plan, cost } = await planBeside(folder, staged);
  if (plan.planned.length > 0) throw new Error(`${plan.planned[0]!.name} is not taken for staged`);
  return cost;
}

async function planBeside(folder: string, staged: readonly StagedInput[]): Promise<Planning> {
  const { values } = Config.from({ dirInput: folder });
  const heap = usedHeap();
  const cpu = process.cpuUsage();
  const start = performance.now();
  const found = findInputs([folder], { extensions: [] });
  const listed = performance.now();
  const tilesCrs = { authority: 'EPSG', code: '4326' };
  const options = { ...values, tilesCrs, selection: null, format: 'GeoPackage', force: false };
  const plan = await planRun(found.inputs, [folder], staged, options);
  const end = performance.now();
  const used = process.cpuUsage(cpu);
  for (const { error } of plan.failed) throw error;
  return {
    plan,
    cost: {
      findSeconds: (listed - start) / 1000,
      planSeconds: (end - listed) / 1000,
      cpuSeconds: (used.user + used.system) / 1e6,
      heapBytes: usedHeap() - heap,
    },
  };
}

/** Exact only with `node --expose-gc`. */
function usedHeap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
