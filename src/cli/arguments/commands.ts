/**
 * What commands there are, with their options and arguments: help, checks, suggestions, completion
 * and the manual page come from here.
 */

import { inputExtensions } from '../../formats/input-formats.ts';
import { stagedFormatWords } from '../../formats/staged-formats.ts';
import { configSchema } from '../../staging/configuration/config-schema.ts';
import { checkOptions } from './check-arguments.ts';
import { DEDUPLICATE_OPTIONS } from './deduplicate-arguments.ts';
import { DUPLICATES_OPTIONS } from './duplicates-arguments.ts';
import { estimateOptions } from './estimate-arguments.ts';
import { footprintsOptions } from './footprints-arguments.ts';
import { MONITOR_OPTIONS } from './monitor-arguments.ts';
import { type CommandDescription, type Option, optionsOf, readNumber } from './option.ts';
import { PLOT_OPTIONS } from './plot-arguments.ts';
import { REPORT_OPTIONS } from './report-arguments.ts';
import { SERVE_OPTIONS } from './serve-arguments.ts';
import { WORKER_OPTIONS } from './worker-arguments.ts';

export type CommandName =
  | 'stage'
  | 'deduplicate'
  | 'duplicates'
  | 'status'
  | 'wait'
  | 'cancel'
  | 'check'
  | 'estimate'
  | 'footprints'
  | 'info'
  | 'monitor'
  | 'plot'
  | 'report'
  | 'serve'
  | 'tms'
  | 'clean'
  | 'completion'
  | 'worker';
/** What help is about; null: all of it. */
export type Topic = CommandName | null;

const HELP: Option = { name: 'help', short: 'h', description: 'Show this help.' };
const VERBOSE: Option = {
  name: 'verbose',
  short: 'v',
  description: 'Print where in the program an error came from, as TILEWRIGHT_DEBUG=1 does.',
};
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
const COMMON: readonly Option[] = [VERBOSE, HELP];
const CONFIG_FILE: Option = {
  name: 'config',
  argument: 'FILE',
  kind: 'file',
  description: 'JSON file with configuration; options given here overrule it.',
  default: 'none',
};
const QUIET: Option = { name: 'quiet', description: 'Print errors only.' };
const JSON_LINES: Option = {
  name: 'json',
  description: 'Print what happens as JSON, an event a line, and the report as the last line.',
};
const JSON_OUTPUT: Option = { name: 'json', description: 'Print the result as JSON.' };

const DATUMS = { grids: { argument: 'DIR', kind: 'folder' }, allowBallpark: {} } as const;
const NAMES: Partial<Option> = {
  argument: 'A,B,…',
  multiple: true,
  read: (...texts) => texts.flatMap((text) => text.split(',')).map((part) => part.trim()),
  expects: 'names of columns with commas between them',
};
const RUNNING = { workers: {}, memory: {}, executor: { argument: 'NAME' } } as const;

export const COMMANDS: Readonly<Record<CommandName, CommandDescription>> = {
  stage: {
    usage: ['stage INPUT… --out DIR [OPTION…]'],
    summary: 'Stage files, folders and globs of polygons into tiles.',
    takes: ['input'],
    options: [
      ...optionsOf(configSchema, {
        dirStaged: {
          name: 'out',
          short: 'o',
          argument: 'DIR',
          kind: 'folder',
          default: 'must be given, here or in the configuration file',
        },
        tmsId: { name: 'tms', argument: 'ID|FILE', kind: 'tms' },
        zRange: {
          name: 'z',
          short: 'z',
          argument: 'N',
          read: (text) => [Math.min(0, readNumber(text)), readNumber(text)],
          expects: 'a whole number',
          description: 'The tile matrix to stage at.',
          default: String(configSchema.shape.zRange.parse(undefined)[1]),
        },
        extStaged: {
          name: 'format',
          argument: 'NAME',
          kind: stagedFormatWords(),
          default: stagedFormatWords()[0]!,
        },
        pack: { argument: 'N' },
        simplifyTolerance: {
          argument: 'N|none',
          read: (text) => (text === 'none' ? null : readNumber(text)),
          expects: 'a number ≥ 0 or none',
        },
        invalid: {},
        inputCrs: { argument: 'CRS' },
        overrideCrs: { argument: 'CRS' },
        ...DATUMS,
        layer: { argument: 'NAME' },
        keepPrimaryKey: {},
        where: { argument: 'EXPR' },
        bbox: {
          argument: 'WEST,SOUTH,EAST,NORTH',
          read: (text) => text.split(',').map((part) => readNumber(part.trim())),
          expects: 'four numbers with commas between them, west, south, east and north',
        },
        bboxCrs: { argument: 'CRS' },
        columns: NAMES,
        dropColumns: NAMES,
        extInput: {
          name: 'ext',
          argument: 'EXT',
          kind: inputExtensions(),
          multiple: true,
          read: (...texts) => texts.flatMap((text) => text.split(',')).map((part) => part.trim()),
          expects: inputExtensions().join(' or '),
        },
        ...RUNNING,
      }),
      ...DEDUPLICATE_OPTIONS,
      CONFIG_FILE,
      ...optionsOf(configSchema, { force: {}, prune: {}, adopt: {} }),
      {
        name: 'dry-run',
        description: 'Tell what would be read, replaced and removed; write nothing.',
      },
      {
        name: 'detach',
        description: 'With slurm or slurm-array: submit the run as a Slurm job, and return.',
      },
      QUIET,
      JSON_LINES,
      ...COMMON,
    ],
  },
  deduplicate: {
    usage: ['deduplicate DIR [OPTION…]'],
    summary:
      'Judge what is staged in a folder by other rules, by none, or by those that it has, without its inputs.',
    takes: ['folder'],
    options: [
      ...DEDUPLICATE_OPTIONS,
      ...optionsOf(configSchema, {
        inputCrs: { argument: 'CRS', description: 'CRS of footprints that say none.' },
        ...DATUMS,
        ...RUNNING,
      }),
      CONFIG_FILE,
      QUIET,
      JSON_LINES,
      ...COMMON,
    ],
  },
  duplicates: {
    usage: ['duplicates DIR [OPTION…]'],
    summary:
      'List the features of a judged folder that overlap, by how much, and which of them stay.',
    takes: ['folder'],
    options: [...DUPLICATES_OPTIONS, ...COMMON],
  },
  check: {
    usage: ['check INPUT… [OPTION…]'],
    summary:
      'Read inputs as stage does, and tell what would not be staged, and why; nothing is written.',
    takes: ['input'],
    get options() {
      return [...checkOptions(COMMANDS.stage.options), JSON_OUTPUT, ...COMMON];
    },
  },
  estimate: {
    usage: ['estimate INPUT… [OPTION…]'],
    summary: 'Tell how long staging will take, and how much disk space and memory, from a sample.',
    takes: ['input'],
    get options() {
      return [...estimateOptions(COMMANDS.stage.options), JSON_OUTPUT, ...COMMON];
    },
  },
  footprints: {
    usage: ['footprints INPUT… --footprints DIR [OPTION…]'],
    summary: 'Tell which inputs lack a footprint, and make those that are missing.',
    takes: ['input'],
    get options() {
      return [...footprintsOptions(COMMANDS.stage.options), JSON_OUTPUT, ...COMMON];
    },
  },
  status: {
    usage: ['status DIR [--json]'],
    summary: 'Tell how the run into a staged folder goes, or how it has ended.',
    takes: ['folder'],
    options: [JSON_OUTPUT, ...COMMON],
  },
  wait: {
    usage: ['wait DIR'],
    summary: "Wait until the run into a staged folder has ended; exit with the run's code.",
    takes: ['folder'],
    options: [...COMMON],
  },
  cancel: {
    usage: ['cancel DIR'],
    summary: 'End a detached run and its jobs. The same stage command goes on from there.',
    takes: ['folder'],
    options: [...COMMON],
  },
  info: {
    usage: ['info INPUT… [--json]'],
    summary:
      'Describe the layers, columns and CRS of files, also of those in folders and globs, and what ' +
      'staged folders were staged with.',
    takes: ['input'],
    options: [JSON_OUTPUT, ...COMMON],
  },
  monitor: {
    usage: ['monitor [RUN] [OPTION…]'],
    summary: 'Follow a run of apps that a MonitoringHub records: RUN is its file or folder.',
    takes: ['file'],
    options: [...MONITOR_OPTIONS, ...COMMON],
  },
  plot: {
    usage: ['plot DIR [OPTION…]'],
    summary: 'Draw a map of the staged polygons in a folder, coloured by tile.',
    takes: ['folder'],
    options: [...PLOT_OPTIONS, ...COMMON],
  },
  report: {
    usage: ['report DIR [--json] [--html FILE] [--run N]'],
    summary: 'Tell what bound a run into a staged folder, and what would make it faster.',
    takes: ['folder'],
    options: [...REPORT_OPTIONS, ...COMMON],
  },
  serve: {
    usage: ['serve DIR [--port N] [--host ADDR]'],
    summary: 'Show what is staged in a folder as a web page, for a browser on this machine.',
    takes: ['folder'],
    options: [...SERVE_OPTIONS, ...COMMON],
  },
  tms: {
    usage: ['tms [list] [--json]', 'tms show ID|FILE [--json]'],
    summary: 'List the known TileMatrixSets, or show one.',
    takes: [['list', 'show'], 'tms'],
    options: [JSON_OUTPUT, ...COMMON],
  },
  clean: {
    usage: ['clean DIR [--yes]'],
    summary: 'Remove what staging has written in a staged folder.',
    takes: ['folder'],
    options: [{ name: 'yes', description: 'Do not ask first.' }, ...COMMON],
  },
  completion: {
    usage: ['completion bash|zsh|fish'],
    summary:
      'Print what makes a shell complete commands, options, values and files: ' +
      'source <(tilewright completion bash), in fish tilewright completion fish | source.',
    takes: [SHELLS],
    options: [...COMMON],
  },
  worker: {
    usage: ['worker --queue URL [OPTION…]'],
    summary: "Run tasks of a queue on a Redis server, with this machine's cores, until stopped.",
    takes: [],
    options: [...WORKER_OPTIONS, ...COMMON],
  },
};

export const GENERAL_OPTIONS: readonly Option[] = [
  { ...HELP, description: 'Show help; after a command, the help of that command.' },
  { name: 'version', short: 'v', description: 'Print the version.' },
];
