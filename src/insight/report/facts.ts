/** What is said of a run and its machine beside the verdict, for the terminal and the page alike. */

import { dropWords } from '../../core/drops.ts';
import { GONE_REASONS } from '../../staging/folder/journal/journal-rows.ts';
import type { EndLine } from '../../staging/recording/record-lines.ts';
import type { ValidityCounts } from '../../staging/rows/validity-counts.ts';
import { SPILL_REASONS, type SpillReason } from '../../staging/telling/spilled-rows.ts';
import type { Advice, RunAnalysis } from '../analysis.ts';
import {
  bytesText,
  counted,
  countText,
  factorText,
  percentText,
  rateText,
  secondsText,
} from '../units.ts';

/** Inputs of which is said how many features go. */
const NAMED_INPUTS = 12;

export interface Fact {
  name: string;
  value: string;
}

/** How it went, in a few words: `finished in 41.2 s`. */
export function outcome({ end, seconds }: RunAnalysis): string {
  if (end === null) return `killed after ${secondsText(seconds)}, or still going on`;
  return `${end.state} ${end.state === 'finished' ? 'in' : 'after'} ${secondsText(seconds)}`;
}

export function runFacts(analysis: RunAnalysis): Fact[] {
  const { run, end } = analysis;
  const facts: Fact[] = [
    { name: 'folder', value: run.folder },
    { name: 'started', value: startText(run.startedAt) },
    { name: 'run', value: `${run.runId}, ${outcome(analysis)}` },
    { name: 'workers', value: `${counted(run.slots, 'slot')} of ${run.executor}` },
  ];
  if (end === null) return facts;
  if (end.made !== null) {
    const { inputs, tiles, featuresRead, featuresStaged, rowsWritten } = end.made;
    const failed = inputs.failed > 0 ? `, ${countText(inputs.failed)} failed` : '';
    facts.push(
      {
        name: 'inputs',
        value: `${countText(inputs.staged)} staged, ${countText(inputs.unchanged)} unchanged${failed}`,
      },
      {
        name: 'features',
        value: `${countText(featuresRead)} read, ${countText(featuresStaged)} staged as ${counted(rowsWritten, 'row')}`,
      },
      {
        name: 'tiles',
        value: `${countText(tiles.new)} new, ${countText(tiles.changed)} changed, ${countText(tiles.unchanged)} unchanged, ${countText(tiles.removed)} removed; ${countText(tiles.total)} in all`,
      },
    );
    if (end.made.validity !== undefined) {
      facts.push({ name: 'validity', value: validityText(end.made.validity) });
    }
    for (const { name, made, kept, removed } of end.made.products ?? []) {
      const counts = `${countText(made)} made, ${countText(kept)} kept, ${countText(removed)} removed`;
      facts.push({ name: 'product', value: `${name}: ${counts}` });
    }
  }
  facts.push(...judgedFacts(end));
  facts.push({
    name: 'bytes',
    value: `${bytesText(end.inputBytes)} of inputs read, ${bytesText(end.shuffleBytes)} of shuffle files, ${bytesText(end.tileBytes)} of tiles written`,
  });
  const spilled = spilledText(end);
  if (spilled !== null) facts.push({ name: 'spilled', value: spilled });
  facts.push({
    name: 'coordinator',
    value: `${secondsText(end.coordinatorCpu)} of CPU, ${bytesText(end.peakMemory)} of memory at most; recording took ${secondsText(end.recording)}`,
  });
  if (end.error !== null) facts.push({ name: 'error', value: end.error });
  return facts;
}

/** As features were read, and what became of them. */
function validityText(counts: ValidityCounts | null): string {
  if (counts === null) return 'not checked';
  const { invalid, ...others } = counts.features;
  const parts = [invalid === undefined ? 'all valid' : `${countText(invalid.count)} invalid`];
  for (const words of [dropWords(counts.kinds), dropWords(others)])
    if (words !== '') parts.push(words);
  return parts.join('; ');
}

/** Pairs, and for each reason the inputs that most features go of. */
function judgedFacts({ judged }: EndLine): Fact[] {
  if (judged === undefined) return [];
  const facts = [{ name: 'overlaps', value: counted(judged.pairs, 'pair') }];
  for (const reason of GONE_REASONS) {
    const inputs = Object.entries(judged.duplicates)
      .map(([name, counts]) => ({ name, features: counts[reason] ?? 0 }))
      .filter(({ features }) => features > 0)
      .sort((a, b) => b.features - a.features || (a.name < b.name ? -1 : 1));
    if (inputs.length === 0) continue;
    const all = inputs.reduce((sum, { features }) => sum + features, 0);
    const own = inputs
      .slice(0, NAMED_INPUTS)
      .map(({ name, features }) => `${name} ${countText(features)}`);
    const more = inputs.length - own.length;
    if (more > 0) own.push(`${counted(more, 'input')} more`);
    facts.push({ name: reason, value: `${counted(all, 'feature')}: ${own.join(', ')}` });
  }
  return facts;
}

const WHY: Record<SpillReason, string> = {
  full: 'the memory was full',
  kept: 'their tiles keep older rows',
  shared: 'their tiles have rows of other groups',
  late: 'their tiles were written before they came',
  wide: 'their tiles have too many columns',
};

/** `12 % of 3.1 GB of rows: 10 % as the memory was full, …`; null for none, or if nothing is known. */
function spilledText({ spilled, rowBytes = 0 }: EndLine): string | null {
  if (spilled === undefined || rowBytes === 0) return null;
  const share = (bytes: number): string => percentText(bytes / rowBytes);
  const reasons = SPILL_REASONS.filter((reason) => spilled[reason] > 0);
  if (reasons.length === 0) return null;
  const all = reasons.reduce((sum, reason) => sum + spilled[reason], 0);
  const why = reasons.map((reason) => `${share(spilled[reason])} as ${WHY[reason]}`).join(', ');
  return `${share(all)} of ${bytesText(rowBytes)} of rows: ${why}`;
}

export function machineFacts({ run, end }: RunAnalysis): Fact[] {
  const { machine, output, input } = run;
  const quota = machine.cpuQuota === null ? '' : `, ${machine.cpuQuota} cores' worth of time`;
  const limit = machine.memoryLimit === null ? '' : `, limit ${bytesText(machine.memoryLimit)}`;
  const facts: Fact[] = [
    { name: 'machine', value: `${machine.host}, ${machine.platform} ${machine.release}` },
    {
      name: 'processor',
      value: `${machine.processor}, ${counted(machine.cores, 'core')}, ${countText(machine.usableCores)} usable${quota}`,
    },
    { name: 'memory', value: `${bytesText(machine.memory)}${limit}` },
    { name: 'staged folder', value: fileSystem(output) },
  ];
  if (input !== null) facts.push({ name: 'inputs', value: fileSystem(input) });
  const speed = diskSpeed(end?.disk.read ?? null, end?.disk.write ?? null);
  if (speed !== '') facts.push({ name: 'disk, measured', value: speed });
  const allowed = diskSpeed(machine.diskReadLimit, machine.diskWriteLimit);
  if (allowed !== '') facts.push({ name: 'disk, allowed', value: allowed });
  facts.push({ name: 'versions', value: `tilewright ${run.tilewright}, Node.js ${machine.node}` });
  return facts;
}

function fileSystem(system: RunAnalysis['run']['output']): string {
  const where = system.network ? ' over the network' : '';
  return `${system.path} on ${system.type}${where}, ${bytesText(system.free)} free`;
}

function diskSpeed(read: number | null, write: number | null): string {
  const parts = [
    ...(read === null ? [] : [`reads ${rateText(read)}`]),
    ...(write === null ? [] : [`writes ${rateText(write)}`]),
  ];
  return parts.join(', ');
}

/** `2026-11-25 18:03:51 UTC`. */
function startText(startedAt: string): string {
  const date = new Date(startedAt);
  if (Number.isNaN(date.getTime())) return startedAt;
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** How many times as fast a piece of advice makes the run: `1.6–1.9×`. */
export function gain({ seconds }: RunAnalysis, advice: Advice): string {
  const least = factorText(seconds / advice.seconds.high);
  // Nothing may be left of the time, where all of it was spent waiting.
  if (!(advice.seconds.low > 0)) return `at least ${least}`;
  const most = factorText(seconds / advice.seconds.low);
  return least === most ? least : `${least.replace('×', '')}–${most}`;
}

/** Seconds of a phase that its tasks ran, waited for a core, and were blocked. */
export function phaseSplit(phase: RunAnalysis['phases'][number]): {
  computing: number;
  core: number;
  blocked: number;
} {
  return { computing: phase.cpu, core: phase.queuedForCpu, blocked: phase.blocked };
}

/** What a run is bound by, as it stands in a sentence. */
export function boundText(bound: RunAnalysis['verdict']['bound']): string {
  const words = {
    cpu: 'CPU',
    disk: 'the disk',
    memory: 'memory',
    network: 'the network',
    scheduler: 'the scheduler',
    'too-few-tasks': 'too few tasks',
    coordinator: 'what the coordinator does alone',
    lock: 'another run in the same folder',
    nothing: 'nothing',
  };
  return words[bound];
}
