/** What a user says about jobs, checked; and the head of a job's script made of it. */

import {
  flag,
  invalidOptions,
  type OptionRules,
  positive,
  text,
  wholeNumber,
  word,
} from '../options.ts';
import { initLines } from '../providers/login-shell.ts';

/** Options of Slurm jobs, of Parsl's names in camelCase. */
export interface SlurmJobOptions {
  /** Default: that of the cluster. */
  partition?: string;
  account?: string;
  qos?: string;
  /** Features that nodes must have, such as `fast&ssd`. */
  constraint?: string;
  /** GPUs of each node. Default: none. */
  gpusPerNode?: number;
  /** Other generic resources, such as `gpu:a100:2`. */
  gres?: string;
  /** Cores of each node. Default: all with `exclusive`, else 1. */
  coresPerNode?: number;
  /** Memory of each node in GB. Default: that of the cluster. */
  memPerNode?: number;
  /** `HH:MM:SS` or `D-HH:MM:SS`. Default: `00:10:00`. */
  walltime?: string;
  /** Whether no other job may be on the nodes. Default: true for blocks, as in Parsl. */
  exclusive?: boolean;
  /** More lines `#SBATCH …`. They overrule the other options. */
  schedulerOptions?: string;
  /** Lines for a login `bash` that run before the workers start; if one fails, so does the job. */
  workerInit?: string;
}

export const jobRules: OptionRules<SlurmJobOptions> = {
  partition: word,
  account: word,
  qos: word,
  constraint: word,
  gpusPerNode: wholeNumber(1),
  gres: word,
  coresPerNode: wholeNumber(1),
  memPerNode: positive('GB'),
  walltime: word,
  exclusive: flag,
  schedulerOptions: text,
  workerInit: text,
};

export const DEFAULT_WALLTIME = '00:10:00';
/** What there are other options for, or what would take the job away from who has submitted it. */
const NOT_ALLOWED =
  /^#SBATCH\s+(-[atoeJWHM]|--(array|time|output|error|job-name|wait|wrap|parsable|hold|clusters?)\b)/;

/**
 * Checks what the rules of single options can't.
 * @param label - of whom the options are, for messages
 * @throws TilewrightError config-invalid
 */
export function checkJobOptions(options: SlurmJobOptions, label: string): void {
  for (const key of ['partition', 'account', 'qos'] as const) {
    const value = options[key];
    if (value === undefined || /^[\w][\w.,:+@-]*$/.test(value)) continue;
    throw invalidOptions(label, `${key} can't be ${JSON.stringify(value)}`);
  }
  for (const key of ['constraint', 'gres'] as const) {
    const value = options[key];
    if (value === undefined || /^[\w.,:+@&|*()[\]=-]+$/.test(value)) continue;
    throw invalidOptions(label, `${key} can't be ${JSON.stringify(value)}`);
  }
  const { walltime = DEFAULT_WALLTIME } = options;
  walltimeSeconds(walltime, label);
  optionLines(options.schedulerOptions ?? '', label);
}

/** @throws TilewrightError config-invalid */
export function walltimeSeconds(text: string, label: string): number {
  const match = /^(?:(\d+)-)?(\d{1,3}):([0-5]\d):([0-5]\d)$/.exec(text);
  const [days, hours, minutes, seconds] = (match?.slice(1) ?? []).map((part) => Number(part ?? 0));
  const total = days! * 86_400 + hours! * 3_600 + minutes! * 60 + seconds!;
  if (match !== null && total > 0) return total;
  throw invalidOptions(
    label,
    `walltime must be HH:MM:SS or D-HH:MM:SS, not ${JSON.stringify(text)}`,
  );
}

function optionLines(text: string, label: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const given = lines.filter((line) => line !== '');
  for (const line of given) {
    if (!/^#SBATCH\s+-/.test(line)) {
      throw invalidOptions(label, `schedulerOptions must be lines "#SBATCH --…", not "${line}"`);
    }
    if (NOT_ALLOWED.test(line))
      throw invalidOptions(label, `schedulerOptions can't have "${line}"`);
  }
  return given;
}

export interface ScriptHead extends Omit<SlurmJobOptions, 'walltime'> {
  /** Null: as long as the cluster allows. */
  walltime?: string | null;
  label: string;
  name: string;
  nodes: number;
  /** Paths of what the job prints; `%a` and the like are Slurm's. */
  output: string;
  error: string;
  /** More options of ours, such as `--array=0-9`. */
  more?: readonly string[];
}

/** The variables by which a user's environment would overrule what the head says. */
export function overruledVariables(options: SlurmJobOptions): string[] {
  const names = ['SBATCH_TIMELIMIT'];
  if (options.partition !== undefined) names.push('SBATCH_PARTITION');
  if (options.account !== undefined) names.push('SBATCH_ACCOUNT');
  if (options.qos !== undefined) names.push('SBATCH_QOS');
  if (options.memPerNode !== undefined) {
    names.push('SBATCH_MEM_PER_CPU', 'SBATCH_MEM_PER_NODE', 'SBATCH_MEM_PER_GPU');
  }
  if (options.exclusive === true) names.push('SBATCH_EXCLUSIVE');
  return names;
}

/**
 * The script up to where the work begins: Slurm's options, when the job ends for workers that want
 * to know (Slurm tells that from version 23 on), and the user's lines.
 */
export function scriptHead(head: ScriptHead): string {
  const { label, coresPerNode, memPerNode, walltime = DEFAULT_WALLTIME } = head;
  const options = [
    `--job-name=${head.name}`,
    `--output=${quoted(head.output, label)}`,
    `--error=${quoted(head.error, label)}`,
    '--open-mode=append',
    `--nodes=${head.nodes}`,
    '--ntasks-per-node=1',
  ];
  if (walltime !== null) options.push(`--time=${walltime}`);
  if (head.partition !== undefined) options.push(`--partition=${head.partition}`);
  if (head.account !== undefined) options.push(`--account=${head.account}`);
  if (head.qos !== undefined) options.push(`--qos=${head.qos}`);
  if (head.constraint !== undefined) options.push(`--constraint=${head.constraint}`);
  if (head.gpusPerNode !== undefined) options.push(`--gpus-per-node=${head.gpusPerNode}`);
  if (head.gres !== undefined) options.push(`--gres=${head.gres}`);
  if (coresPerNode !== undefined) options.push(`--cpus-per-task=${coresPerNode}`);
  if (memPerNode !== undefined) options.push(`--mem=${Math.ceil(memPerNode * 1024)}M`);
  if (head.exclusive === true) options.push('--exclusive');
  options.push(...(head.more ?? []));
  const init = (head.workerInit ?? '').trim();
  return [
    init === '' ? '#!/bin/bash' : '#!/bin/bash -l',
    ...options.map((option) => `#SBATCH ${option}`),
    ...optionLines(head.schedulerOptions ?? '', label),
    '',
    ...(walltime === null ? [] : [endTimeLine(walltimeSeconds(walltime, label))]),
    ...(coresPerNode === undefined ? [] : [`export TILEWRIGHT_CORES=${coresPerNode}`]),
    initLines(init),
  ].join('\n');
}

function endTimeLine(seconds: number): string {
  return `export SLURM_JOB_END_TIME="\${SLURM_JOB_END_TIME:-$(( $(date +%s) + ${seconds} ))}"`;
}

/** A path as a value of an option. A percent sign would be the start of one of Slurm's own names. */
function quoted(path: string, label: string): string {
  if (!/["\n\\]/.test(path)) return `"${path}"`;
  throw invalidOptions(
    label,
    `Slurm takes no path such as ${JSON.stringify(path)}: name another runDir`,
  );
}

/** A path in which nothing stands for something else, for `output` and `error`. */
export function literal(path: string): string {
  return path.replaceAll('%', '%%');
}
