/** The command line: from argv to a command with checked values. */

import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { TilewrightError } from '../core/errors.ts';
import { didYouMean, nearest } from '../core/nearest.ts';
import { Config } from '../staging/config.ts';
import { type ConfigKey, configSchema } from '../staging/config-schema.ts';
import { INPUT_EXTENSIONS } from '../staging/inputs.ts';
import { type EstimateCommand, estimateOptions, estimateValues } from './estimate-arguments.ts';
import { PLOT_OPTIONS, type PlotCommand, plotValues } from './plot-arguments.ts';
import { WORKER_OPTIONS, type WorkerCommand, workerValues } from './worker-arguments.ts';

export interface StageCommand {
  command: 'stage';
  inputs: string[];
  config: Config;
  quiet: boolean;
  json: boolean;
  /** The arguments without `--detach`, if the run is to be one of its own. */
  detach: string[] | null;
}

export type Command =
  | StageCommand
  | { command: 'info'; files: string[]; json: boolean }
  | { command: 'tms-list'; json: boolean }
  | { command: 'tms-show'; tms: string; json: boolean }
  | { command: 'clean'; folder: string; yes: boolean }
  | { command: 'status' | 'wait' | 'cancel'; folder: string; json: boolean }
  | PlotCommand
  | EstimateCommand
  | WorkerCommand
  | { command: 'help'; topic: Topic }
  | { command: 'version' };

export type CommandName =
  | 'stage'
  | 'status'
  | 'wait'
  | 'cancel'
  | 'estimate'
  | 'info'
  | 'plot'
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
      { name: 'layer', argument: 'NAME', key: 'layer' },
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
      {
        name: 'detach',
        description: 'With slurm or slurm-array: submit the run as a Slurm job, and return.',
      },
      { name: 'quiet', description: 'Print errors only.' },
      { name: 'json', description: 'Print the report of the run as JSON.' },
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
  plot: {
    usage: ['plot DIR [OPTION…]'],
    summary: 'Draw a map of the staged polygons in a folder, coloured by tile.',
    options: [...PLOT_OPTIONS, HELP],
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

const COMMAND_NAMES = Object.keys(COMMANDS) as CommandName[];

/**
 * @param argv - the arguments after the program's name
 * @throws TilewrightError `usage`, and `config-invalid` for what is wrong in a configuration file
 */
export function parseArguments(argv: readonly string[]): Command {
  const [first, ...rest] = argv;
  if (first === undefined) return { command: 'help', topic: null };
  if (first === 'help') return parseHelp(rest);
  if (first.startsWith('-')) {
    const { given, positionals, help } = parse(argv, GENERAL_OPTIONS, null);
    if (help) return parseHelp(positionals);
    if (given.has('version') && positionals.length === 0) return { command: 'version' };
    throw usage('The command comes first.', null);
  }
  const name = commandName(first);
  const { given, positionals, help } = parse(rest, COMMANDS[name].options, name);
  if (help) return { command: 'help', topic: name };
  const json = given.has('json');
  switch (name) {
    case 'stage':
      return {
        command: 'stage',
        ...stageValues(given, positionals, 'stage'),
        quiet: given.has('quiet'),
        json,
        detach: given.has('detach') ? rest.filter((text) => text !== '--detach') : null,
      };
    case 'estimate': {
      const { rest, ...own } = estimateValues(given, (message) => usage(message, name));
      return { command: name, ...own, ...stageValues(rest, positionals, name), json };
    }
    case 'status':
    case 'wait':
    case 'cancel':
      if (positionals.length !== 1) throw usage(`${name} needs one DIR.`, name);
      return { command: name, folder: positionals[0]!, json };
    case 'info':
      if (positionals.length === 0) throw usage('info needs at least one FILE.', name);
      return { command: 'info', files: positionals, json };
    case 'plot':
      return plotValues(given, positionals, (message) => usage(message, name));
    case 'tms':
      return parseTms(positionals, json);
    case 'clean':
      if (positionals.length !== 1) throw usage('clean needs one DIR.', name);
      return { command: 'clean', folder: positionals[0]!, yes: given.has('yes') };
    case 'worker':
      if (positionals.length > 0) throw usage(`worker takes no ${positionals[0]}.`, name);
      return workerValues(given, (message) => usage(message, name));
  }
}

function parseHelp(rest: readonly string[]): Command {
  if (rest.length > 1) throw usage('help takes one COMMAND.', null);
  const topic = rest[0];
  if (topic === undefined || topic === 'help' || topic === '--help' || topic === '-h') {
    return { command: 'help', topic: null };
  }
  return { command: 'help', topic: commandName(topic) };
}

function parseTms(positionals: readonly string[], json: boolean): Command {
  const [action, tms, ...more] = positionals;
  if (action === 'show') {
    if (tms === undefined || more.length > 0) throw usage('tms show needs one ID or FILE.', 'tms');
    return { command: 'tms-show', tms, json };
  }
  if (action === undefined || (action === 'list' && tms === undefined)) {
    return { command: 'tms-list', json };
  }
  if (action === 'list') throw usage(`tms list takes no ${tms}.`, 'tms');
  const near = didYouMean(action, ['list', 'show'], 'tms ');
  throw usage(`tms can list and show, not "${action}".${near}`, 'tms');
}

/** Defaults, then the configuration file, then the options. */
function stageValues(
  given: ReadonlyMap<string, string[]>,
  positionals: readonly string[],
  command: 'stage' | 'estimate',
): { inputs: string[]; config: Config } {
  const values: Record<string, unknown> = {};
  for (const { name, key, argument, read, expects } of COMMANDS.stage.options) {
    const texts = given.get(name);
    if (texts === undefined || key === undefined) continue;
    const field = configSchema.shape[key];
    const value = argument === undefined ? true : read === undefined ? texts[0] : read(...texts);
    if (!field.safeParse(value).success) {
      const wanted = expects ?? String(field.meta()?.['expects']).replace(/ or null$/, '');
      throw usage(`--${name} must be ${wanted}, not "${texts.join(' ')}".`, command);
    }
    values[key] = value;
  }
  const file = given.get('config')?.at(-1);
  const config = (file === undefined ? Config.from({}) : Config.fromFile(file)).merge(values);
  if (command === 'stage' && !config.isGiven('dirStaged')) {
    throw usage('stage needs --out DIR, the folder of the staged tiles.', 'stage');
  }
  const { dirInput } = config.values;
  const inputs = positionals.length === 0 && dirInput !== null ? [dirInput] : [...positionals];
  if (inputs.length === 0) throw usage(`${command} needs at least one INPUT.`, command);
  return { inputs, config };
}

interface Parsed {
  /** Texts of each option that was given; a switch has none. */
  given: ReadonlyMap<string, string[]>;
  positionals: string[];
  /** Whether help is asked for: then nothing else counts. */
  help: boolean;
}

function parse(args: readonly string[], options: readonly Option[], command: Topic): Parsed {
  const known: ParseArgsOptionsConfig = {};
  for (const { name, short, argument } of options) {
    const type = argument === undefined ? 'boolean' : 'string';
    known[name] = short === undefined ? { type } : { type, short };
  }
  const input = { args: [...args], options: known, allowPositionals: true, tokens: true } as const;
  const { tokens } = parseArgs({ ...input, strict: false });
  if (tokens.some((token) => token.kind === 'option' && token.name === 'help')) {
    const positionals = tokens.flatMap((token) => (token.kind === 'positional' ? token.value : []));
    return { given: new Map(), positionals, help: true };
  }
  const given = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const option = options.find(({ name }) => name === token.name);
    if (option === undefined) throw unknownOption(token.name, token.rawName, options, command);
    const { name, argument, multiple } = option;
    const { value } = token;
    if (argument === undefined) {
      if (value !== undefined) throw usage(`--${name} takes no value.`, command);
    } else if (value === undefined || value === '') {
      throw usage(`--${name} needs a value: --${name} ${argument}.`, command);
    } else if (!token.inlineValue && value.startsWith('-')) {
      const hint = `If its value begins with a dash, write --${name}=${value}.`;
      throw usage(`--${name} needs a value, and "${value}" looks like an option. ${hint}`, command);
    } else if (given.has(name) && multiple !== true) {
      throw usage(`--${name} is given more than once.`, command);
    }
    const texts = value === undefined ? [] : [value];
    given.set(name, [...(given.get(name) ?? []), ...texts]);
  }
  try {
    const { positionals } = parseArgs({ ...input, strict: true });
    return { given, positionals, help: false };
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error), command);
  }
}

function unknownOption(
  name: string,
  written: string,
  options: readonly Option[],
  command: Topic,
): TilewrightError {
  // Configuration keys are near to the options that set them: --dir-staged means --out.
  const words = new Map<string, string>();
  for (const option of options) {
    words.set(option.name, option.name);
    if (option.key !== undefined) words.set(option.key, option.name);
  }
  const near = nearest(name, words.keys());
  const advice = near === null ? '' : ` Did you mean --${words.get(near)}?`;
  const where = command === null ? '' : ` of ${command}`;
  return usage(`${written} is not an option${where}.${advice}`, command);
}

function commandName(word: string): CommandName {
  const name = COMMAND_NAMES.find((known) => known === word);
  if (name !== undefined) return name;
  throw usage(`"${word}" is not a command.${didYouMean(word, [...COMMAND_NAMES, 'help'])}`, null);
}

/** NaN for what is not written as a decimal number. */
function readNumber(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

function usage(message: string, command: Topic): TilewrightError {
  const call = command === null ? 'tilewright --help' : `tilewright ${command} --help`;
  return new TilewrightError('usage', `${message} See ${call}.`);
}
