/** The real planner at work on a job's inputs: what it plans, and what that costs. */

import { Config } from '../../src/staging/config.ts';
import { findInputs } from '../../src/staging/inputs.ts';
import { type Plan, planRun } from '../../src/staging/plan.ts';

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
export function planFolder(folder: string): Planning {
  const { values } = Config.from({ dirInput: folder });
  const heap = usedHeap();
  const cpu = process.cpuUsage();
  const start = performance.now();
  const found = findInputs([folder], { extensions: [] });
  const listed = performance.now();
  const { layer, inputCrs, overrideCrs, properties, sliceBytes } = values;
  const options = { layer, inputCrs, overrideCrs, properties, sliceBytes, force: false };
  const plan = planRun(found.inputs, [folder], [], options);
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
