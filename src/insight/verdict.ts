/** What a run was bound by, and what would make it faster. */

import type { Advice, Bound, RunAnalysis, TimeKind } from './analysis.ts';
import { coresOfOthers, evidenceOf, type Facts, usableCores } from './evidence.ts';
import {
  isJudging,
  isOfOneTile,
  judgingAdvice,
  judgingEvidence,
  judgingSeconds,
  judgingSentence,
} from './judging-time.ts';
import { withoutTails } from './tails.ts';
import { timeShares } from './time-shares.ts';
import { bytesText, percentText, secondsText } from './units.ts';

/** What each kind of time is a sign of. */
const BOUND_OF: Record<TimeKind, Bound> = {
  computing: 'cpu',
  'waiting for a core': 'cpu',
  'waiting for the disk': 'disk',
  'waiting for memory': 'memory',
  'waiting for the network': 'network',
  'waiting for the scheduler': 'scheduler',
  'nothing to do': 'too-few-tasks',
  'starting up': 'coordinator',
  'the coordinator': 'coordinator',
  'waiting for another run': 'lock',
};

/** What comes second is told of from this share of the workers' time on. */
const NOTABLE = 0.1;
/** A prediction is told with this much either way. */
const UNCERTAINTY = 0.15;
/** Of the time that something was waited for, this much may be left when it is out of the way. */
const LEFT_OVER = 0.4;

/** Parts of the run's time that each of them has held up; the biggest first. */
function boundShares(facts: Facts): Map<Bound, number> {
  const { rest, tails } = withoutTails(facts);
  const bounds = new Map<Bound, number>([['too-few-tasks', tails / facts.seconds]]);
  for (const [kind, seconds] of timeShares(rest)) {
    const bound = BOUND_OF[kind];
    const share = seconds / (facts.workers * facts.seconds);
    bounds.set(bound, (bounds.get(bound) ?? 0) + share);
  }
  return new Map([...bounds].sort((a, b) => b[1] - a[1]));
}

export function verdictOf(facts: Facts): RunAnalysis['verdict'] {
  const shares = boundShares(facts);
  if (facts.spans.length === 0) {
    const sentence = 'Nothing bound this run: it had no task to do.';
    return { bound: 'nothing', sentence, evidence: [], next: null };
  }
  const judged = judgingEvidence(facts);
  const [[bound], second] = [...shares] as [[Bound, number], [Bound, number]?];
  return {
    bound,
    sentence: sentenceOf(bound, facts) + judgingSentence(facts),
    evidence: [...judged.first, ...evidenceOf(bound, facts), ...judged.last],
    next: second !== undefined && second[1] >= NOTABLE ? second[0] : null,
  };
}

function sentenceOf(bound: Bound, facts: Facts): string {
  const { run, shares, workers, seconds } = facts;
  const all = workers * seconds;
  const of = (kind: TimeKind): number => (shares.get(kind) ?? 0) / all;
  const own = workers === 1 ? 'its worker' : `its ${workers} workers`;
  const time = 'of the time';
  switch (bound) {
    case 'cpu': {
      const cores = usableCores(run.machine);
      const queued = of('waiting for a core');
      const waited = queued < 0.05 ? '' : ` and waited for a core ${percentText(queued)}`;
      const number = `${Number(cores.toFixed(1))} core${cores === 1 ? '' : 's'}`;
      return `CPU bound this run: ${own} computed ${percentText(of('computing'))} ${time}${waited}, on ${number}.`;
    }
    case 'disk':
      return `The disk bound this run: ${own} waited for it ${percentText(of('waiting for the disk'))} ${time}.`;
    case 'memory': {
      const limit = Math.min(run.machine.memory, run.machine.memoryLimit ?? run.machine.memory);
      return `Memory bound this run: ${own} waited ${percentText(of('waiting for memory'))} ${time} for pages that ${bytesText(limit)} have no room for.`;
    }
    case 'network':
      return `The network bound this run: ${own} waited for it ${percentText(of('waiting for the network'))} ${time}.`;
    case 'scheduler':
      return `The scheduler bound this run: for ${percentText(of('waiting for the scheduler'))} ${time} of ${own} there were tasks, and no worker yet.`;
    case 'too-few-tasks':
      return `Too few tasks bound this run: ${own} had nothing to do for ${percentText(of('nothing to do'))} ${time}, while others were at the last ones.`;
    case 'coordinator':
      if (judgesAlone(facts)) {
        const share = percentText(judgingSeconds(facts).alone / seconds);
        return `Judging bound this run: for ${share} ${time} one process judged clusters that reach over regions of tiles.`;
      }
      return `Starting and finishing bound this run: for ${percentText(of('the coordinator') + of('starting up'))} ${time} no task was under way.`;
    case 'lock':
      return `Another run bound this one, which waited for it ${percentText(of('waiting for another run'))} ${time}.`;
    default:
      return 'Nothing bound this run.';
  }
}

export function adviceOf(facts: Facts): Advice[] {
  const advice: Advice[] = [];
  for (const [bound, share] of boundShares(facts)) {
    if (share >= NOTABLE) advice.push(...adviceFor(bound, facts));
  }
  advice.push(...memoryForRows(facts), ...judgingAdvice(facts, UNCERTAINTY));
  const { seconds } = facts;
  // What does not help is no advice.
  const useful = advice.filter(({ seconds: { high } }) => high < 0.97 * seconds);
  return useful.sort((a, b) => a.seconds.low + a.seconds.high - b.seconds.low - b.seconds.high);
}

/** Rows that were spilled for want of room were written and read once more than others. */
function memoryForRows({ end, spans, shares, workers, seconds }: Facts): Advice[] {
  const { spilled, rowBytes = 0, inputBytes = 0, tileBytes = 0 } = end ?? {};
  if (spilled === undefined || !(spilled.full > NOTABLE * rowBytes)) return [];
  const all = Object.values(spilled).reduce((sum, bytes) => sum + bytes, 0);
  const spilling = spans.reduce((sum, { usage }) => sum + (usage?.notes['spillMs'] ?? 0), 0) / 1000;
  // And its part of what was waited for the disk.
  const waited = (shares.get('waiting for the disk') ?? 0) / workers;
  const moved = inputBytes + tileBytes + 2 * all;
  const gone = ((spilled.full / all) * spilling) / workers + (waited * spilled.full) / moved;
  return [
    {
      what: 'Give the rows of each worker more memory (memory)',
      why: `${percentText(spilled.full / rowBytes)} of them went to the disk and back, as it was full`,
      // At least what writing took; reading may take as long.
      seconds: { low: Math.max(0, seconds - 2 * gone), high: seconds - gone },
    },
  ];
}

function adviceFor(bound: Bound, facts: Facts): Advice[] {
  const { run, shares, workers, seconds, spans } = facts;
  const of = (kind: TimeKind): number => (shares.get(kind) ?? 0) / workers;
  /** Without so many seconds of each worker, for the most part. */
  const without = (gone: number): Advice['seconds'] => ({
    low: Math.max(of('computing'), seconds - gone),
    high: seconds - gone * (1 - LEFT_OVER),
  });
  switch (bound) {
    case 'cpu':
      return cpuAdvice(facts);
    case 'disk': {
      const gone = of('waiting for the disk');
      const place = run.output.mountPoint;
      return [
        {
          what: 'Put inputs and staged folder on a faster disk',
          why: `they are on ${place} (${run.output.type}), which the tasks waited for ${secondsText(gone)} each worker`,
          seconds: without(gone),
        },
      ];
    }
    case 'memory': {
      const gone = of('waiting for memory');
      return [
        {
          what: 'Give it more memory, or fewer workers',
          why: 'pages are thrown out that are needed again at once',
          seconds: without(gone),
        },
      ];
    }
    case 'network': {
      const gone = of('waiting for the network');
      const far = run.output.network || run.input?.network === true;
      return [
        {
          what: far
            ? 'Copy the inputs to a disk of the machine that stages them, and stage to one'
            : 'Run workers nearer to the queue, or give each more to do at a time',
          why: far
            ? 'the files are on another machine, and the way there is slow'
            : 'workers waited for tasks that were there',
          seconds: without(gone),
        },
      ];
    }
    case 'scheduler': {
      const gone = of('waiting for the scheduler');
      return [
        {
          what: 'Ask for blocks that are given sooner: fewer cores, less time, another partition',
          why: `workers were waited for ${secondsText(gone)}`,
          seconds: without(gone),
        },
      ];
    }
    case 'too-few-tasks': {
      const [longest] = spans.toSorted((a, b) => wallOf(b) - wallOf(a));
      if (longest === undefined || wallOf(longest) <= 0.2 * seconds) return [];
      // Regions are as small as they may be, but for those of one tile.
      if (isJudging(longest) && !isOfOneTile(longest)) return [];
      return [
        {
          what: isJudging(longest)
            ? 'Stage into smaller tiles (a higher zoom level)'
            : 'Cut big inputs into smaller slices (sliceBytes)',
          why: `the longest task took ${secondsText(wallOf(longest))} of ${secondsText(seconds)}`,
          seconds: without(of('nothing to do')),
        },
      ];
    }
    case 'coordinator': {
      const gone = judgingSeconds(facts).alone;
      if (!judgesAlone(facts)) return [];
      return [
        {
          what: 'Ask more of duplicates (--overlap, --centroid-distance), so that clusters are smaller',
          why: `one process judged for ${secondsText(gone)} those that reach over regions of tiles`,
          seconds: without(gone),
        },
      ];
    }
    case 'lock':
      return [
        {
          what: 'Let one run after the other stage into a folder, or give it all inputs',
          why: 'runs take turns in writing tiles',
          seconds: without(of('waiting for another run')),
        },
      ];
    default:
      return [];
  }
}

/** Whether of what one process does alone the most is judging. */
function judgesAlone({ shares, workers, ...run }: Facts): boolean {
  const alone = ((shares.get('the coordinator') ?? 0) + (shares.get('starting up') ?? 0)) / workers;
  return judgingSeconds(run).alone > alone / 2;
}

function wallOf({ start, end }: { start: number; end: number }): number {
  return end - start;
}

function cpuAdvice(facts: Facts): Advice[] {
  const { run, shares, workers, seconds, spans } = facts;
  const advice: Advice[] = [];
  const { machine } = run;
  const cores = usableCores(machine);
  const work = (shares.get('computing') ?? 0) + (shares.get('waiting for the disk') ?? 0);
  const queued = (shares.get('waiting for a core') ?? 0) / workers;
  const serial =
    ((shares.get('the coordinator') ?? 0) + (shares.get('starting up') ?? 0)) / workers;
  const longest = spans.reduce((most, span) => Math.max(most, span.end - span.start), 0);
  /** With so many workers that each have a core. */
  const withWorkers = (count: number): Advice['seconds'] => {
    const time = serial + Math.max(longest, work / count);
    return { low: time * (1 - UNCERTAINTY), high: Math.min(seconds, time * (1 + UNCERTAINTY)) };
  };
  const idle = Math.floor(cores) - workers;
  if (idle > 0) {
    advice.push({
      what: `Give it ${Math.floor(cores)} workers`,
      why: `it had ${workers}, and the machine has ${Math.floor(cores)} cores for it`,
      seconds: withWorkers(Math.floor(cores)),
    });
    return advice;
  }
  if (cores < machine.cores) {
    const limits =
      machine.cpuQuota !== null && machine.cpuQuota < machine.usableCores
        ? `its control group allows ${machine.cpuQuota.toFixed(1)}`
        : `it may use ${machine.usableCores}`;
    advice.push({
      what: `Let it use all ${machine.cores} cores of the machine`,
      why: `${limits} of them`,
      seconds: withWorkers(machine.cores),
    });
  } else if (queued > NOTABLE * seconds && coresOfOthers(facts) > NOTABLE) {
    advice.push({
      what: 'Run it when the machine has less else to do',
      why: `its tasks waited ${secondsText(queued)} for a core that others had`,
      seconds: withWorkers(workers),
    });
  }
  const more = Math.ceil(2 * Math.max(machine.cores, workers));
  advice.push({
    what: `Run it on a machine, or on blocks, with ${more} cores`,
    why: 'the work divides into tasks that do not wait for each other',
    seconds: withWorkers(more),
  });
  return advice;
}
