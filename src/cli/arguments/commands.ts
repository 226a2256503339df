/** What commands there are, with their options: help, checks and documentation come from here. */

import { type ConfigKey, configSchema } from '../../staging/configuration/config-schema.ts';
import { INPUT_EXTENSIONS } from '../../staging/inputs/sidecars.ts';
import { estimateOptions } from './estimate-arguments.ts';
import { MONITOR_OPTIONS } from './monitor-arguments.ts';
import { PLOT_OPTIONS } from './plot-arguments.ts';
import { REPORT_OPTIONS } from './report-arguments.ts';
import { SERVE_OPTIONS } from './serve-arguments.ts';
import { WORKER_OPTIONS } from './worker-arguments.ts';

export type CommandName =
  | 'stage'
  | 'status'
  | 'wait'
  | 'cancel'
  | 'estimate'
  | 'info'
  | 'monitor'
  | 'plot'
  | 'report'
  | 'serve'
  | 'tms'
  | 'clean'
  | 'worker';
/** What help is about; null: all of it. */
export type Topic = CommandName | null;

export interface Option {
  /** Without the dashes. */
  name: string;
  short?: string;
  /** What stands for its value in the help; a switch has none. */
  argument?: string;
  /** How the value's text is read, or those of all values of a `multiple` option. */
  read?: (...texts: string[]) => unknown;
  /** What the text has to be, where the schema's words don't fit. */
  expects?: string;
  /** May be given several times. */
  multiple?: boolean;
  /** The configuration's key that it sets: its meaning and default are in the schema. */
  key?: ConfigKey;
  /** Replaces the schema's description, or stands where there is no key. */
  description?: string;
  /** Replaces the schema's default in the help. */
  default?: string;
}

export interface CommandDescription {
  /** One for each way to call it, without the program's name. */
  usage: readonly string[];
  summary: string;
  options: readonly Option[];
}

const HELP: Option = { name: 'help', short: 'h', description: 'Show this help.' };
const JSON_OUTPUT: Option = { name: 'json', description: 'Print the result as JSON.' };

export const COMMANDS: Readonly<Record<CommandName, CommandDescription>> = {
  stage: {
    usage: ['stage INPUT… --out DIR [OPTION…]'],
    summary: 'Stage files, folders and globs of polygons into tiles.',
    options: [
      {
        name: 'out',
        argument: 'DIR',
        key: 'dirStaged',
        default: 'must be given, here or in the configuration file',
      },
      { name: 'tms', argument: 'ID|FILE', key: 'tmsId' },
      {
        name: 'z',
        argument: 'N',
        key: 'zRange',
        read: (text) => [0, readNumber(text)],
        expects: 'a whole number ≥ 0',
        description: 'The tile matrix to stage at.',
        default: String(configSchema.shape.zRange.parse(undefined)[1]),
      },
      {
        name: 'simplify-tolerance',
        argument: 'N|none',
        key: 'simplifyTolerance',
        read: (text) => (text === 'none' ? null : readNumber(text)),
        expects: 'a number ≥ 0 or none',
      },
      { name: 'input-crs', argument: 'CRS', key: 'inputCrs' },
      { name: 'override-crs', argument: 'CRS', key: 'overrideCrs' },
      { name: 'grids', argument: 'DIR', key: 'grids' },
      { name: 'allow-ballpark', key: 'allowBallpark' },
      { name: 'layer', argument: 'NAME', key: 'layer' },
      { name: 'keep-primary-key', key: 'keepPrimaryKey' },
      {
        name: 'ext',
        argument: 'EXT',
        key: 'extInput',
        multiple: true,
        read: (...texts) => texts.flatMap((text) => text.split(',')).map((part) => part.trim()),
        expects: INPUT_EXTENSIONS.join(' or '),
      },
      {
        name: 'workers',
        argument: 'N',
        key: 'workers',
        read: readNumber,
        expects: 'a whole number ≥ 1',
      },
      { name: 'executor', argument: 'NAME', key: 'executor' },
      {
        name: 'config',
        argument: 'FILE',
        description: 'JSON file with configuration; options given here overrule it.',
        default: 'none',
      },
      { name: 'force', key: 'force' },
      { name: 'prune', key: 'prune' },
      { name: 'adopt', key: 'adopt' },
      {
        name: 'detach',
        description: 'With slurm or slurm-array: submit the run as a Slurm job, and return.',
      },
      { name: 'quiet', description: 'Print errors only.' },
      {
        name: 'json',
        description:
          'Print what happens as JSON, an event a line, and the report as the last line.',
      },
      HELP,
    ],
  },
  estimate: {
    usage: ['estimate INPUT… [OPTION…]'],
    summary: 'Tell how long staging will take, and how much disk space and memory, from a sample.',
    get options() {
      return [...estimateOptions(COMMANDS.stage.options), JSON_OUTPUT, HELP];
    },
  },
  status: {
    usage: ['status DIR [--json]'],
    summary: 'Tell how the run into a staged folder goes, or how it has ended.',
    options: [JSON_OUTPUT, HELP],
  },
  wait: {
    usage: ['wait DIR'],
    summary: "Wait until the run into a staged folder has ended; exit with the run's code.",
    options: [HELP],
  },
  cancel: {
    usage: ['cancel DIR'],
    summary: 'End a detached run and its jobs. The same stage command goes on from there.',
    options: [HELP],
  },
  info: {
    usage: ['info FILE… [--json]'],
    summary: 'Describe the layers, columns and CRS of files.',
    options: [JSON_OUTPUT, HELP],
  },
  monitor: {
    usage: ['monitor [RUN] [OPTION…]'],
    summary: 'Follow a run of apps that a MonitoringHub records: RUN is its file or folder.',
    options: [...MONITOR_OPTIONS, HELP],
  },
  plot: {
    usage: ['plot DIR [OPTION…]'],
    summary: 'Draw a map of the staged polygons in a folder, coloured by tile.',
    options: [...PLOT_OPTIONS, HELP],
  },
  report: {
    usage: ['report DIR [--json] [--html FILE] [--run N]'],
    summary: 'Tell what bound a run into a staged folder, and what would make it faster.',
    options: [...REPORT_OPTIONS, HELP],
  },
  serve: {
    usage: ['serve DIR [--port N] [--host ADDR]'],
    summary: 'Show what is staged in a folder as a web page, for a browser on this machine.',
    options: [...SERVE_OPTIONS, HELP],
  },
  tms: {
    usage: ['tms [list] [--json]', 'tms show ID|FILE [--json]'],
    summary: 'List the known TileMatrixSets, or show one.',
    options: [JSON_OUTPUT, HELP],
  },
  clean: {
    usage: ['clean DIR [--yes]'],
    summary: 'Remove what staging has written in a staged folder.',
    options: [{ name: 'yes', description: 'Do not ask first.' }, HELP],
  },
  worker: {
    usage: ['worker --queue URL [OPTION…]'],
    summary: "Run tasks of a queue on a Redis server, with this machine's cores, until stopped.",
    options: [...WORKER_OPTIONS, HELP],
  },
};

export const GENERAL_OPTIONS: readonly Option[] = [
  { ...HELP, description: 'Show help; after a command, the help of that command.' },
  { name: 'version', short: 'V', description: 'Print the version.' },
];

/** NaN for what is not written as a decimal number. */
function readNumber(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}
