/** Why more workers don't help, as a sentence with the figures. */

import type { Limit } from '../estimate-types.ts';
import type { Engine } from '../model/engines.ts';
import type { MachineFacts } from '../model/machine-facts.ts';
import { type Costs, type Job, type Machine, predict } from '../model/model.ts';
import { duration, size } from './words.ts';

export interface WhyFacts {
  job: Job;
  machine: MachineFacts;
  engine: Engine;
  costs: Costs;
  about: Machine;
  fitting: number;
}

export function whySentence(limit: Limit, workers: number, facts: WhyFacts): string {
  const { job, machine, engine, costs, about, fitting } = facts;
  const more = `More than ${workers} ${workers === 1 ? 'worker' : 'workers'}`;
  const dont = workers === 1 ? "doesn't" : "don't";
  const hardly = workers === 1 ? 'hardly helps' : 'hardly help';
  switch (limit) {
    case 'cores': {
      const { cores, usableCores, cpuQuota } = machine.info;
      const has =
        machine.cores < usableCores
          ? `its group may use ${cpuQuota} of its cores`
          : usableCores < cores
            ? `this process may use ${usableCores} of its ${cores} cores`
            : `this machine has ${usableCores} ${usableCores === 1 ? 'core' : 'cores'}`;
      const slow = 'which workers and other programs take from each other';
      const end = workers < Math.floor(machine.cores) ? slow : 'and the work is computing';
      return `${more} ${dont} help: ${has}, ${end}.`;
    }
    case 'disk': {
      const moved = job.inputBytes + 2 * job.pool(workers).spilled * job.rowBytes + job.tileBytes;
      const speed = Math.min(about.diskRead, about.diskWrite);
      return `${more} ${dont} help: the disk is the limit. The run moves ${size(moved)}, and it takes and gives about ${size(speed)} a second.`;
    }
    case 'largest task': {
      const task = job.tasks.reduce((a, b) => (b.bytes > a.bytes ? b : a));
      const parts = `its largest piece of an input, ${size(task.bytes)}, is done by one worker`;
      return `${more} ${hardly}: ${parts}, and so is each of its tiles.`;
    }
    case 'serial part': {
      const { parts } = predict(job, costs, about, engine, workers);
      const alone = parts.start + parts.plan + parts.finalize + parts.warmUp;
      return `${more} ${hardly}: ${duration(alone)} of it can't be shared (starting, planning, getting up to speed, journal and summary).`;
    }
    case 'memory':
      return `${more} ${dont} fit: there is memory for ${fitting}, ${size(machine.memoryAvailable)} in all.`;
    case 'none':
      return engine.dispatch === 0
        ? 'The inline executor has one worker.'
        : `Up to ${workers} workers, which is as far as was looked, more of them help.`;
  }
}
