/** The command line: from argv to a command with checked values. */

import { didYouMean } from '../../core/nearest.ts';
import { plotSchema } from '../../plot/plot-schema.ts';
import type { Config } from '../../staging/configuration/config.ts';
import { serveSchema } from '../../viewer/serve-schema.ts';
import type { CheckCommand } from './check-arguments.ts';
import { COMMANDS, type CommandName, GENERAL_OPTIONS, SHELLS, type Topic } from './commands.ts';
import { givenConfig } from './deduplicate-arguments.ts';
import { type DuplicatesCommand, duplicatesSchema } from './duplicates-arguments.ts';
import { type EstimateCommand, estimateValues } from './estimate-arguments.ts';
import { type FootprintsCommand, footprintsSchema } from './footprints-arguments.ts';
import { type MonitorCommand, monitorSchema } from './monitor-arguments.ts';
import { completed, givenValues } from './option-values.ts';
import { commandFirst, parseOptions } from './parse-options.ts';
import { type PlotCommand, plotValues } from './plot-arguments.ts';
import { type ReportCommand, reportSchema } from './report-arguments.ts';
import type { ServeCommand } from './serve-arguments.ts';
import { commandName, usage } from './suggestions.ts';
import { type WorkerCommand, workerSchema } from './worker-arguments.ts';

export interface StageCommand {
  command: 'stage';
  inputs: string[];
  config: Config;
  quiet: boolean;
  json: boolean;
  dryRun: boolean;
  /** The arguments without `--detach`, if the run is to be one of its own. */
  detach: string[] | null;
}

export interface DeduplicateCommand {
  command: 'deduplicate';
  config: Config;
  quiet: boolean;
  json: boolean;
}

export type Command =
  | StageCommand
  | DeduplicateCommand
  | DuplicatesCommand
  | { command: 'info'; inputs: string[]; json: boolean }
  | { command: 'tms-list'; json: boolean }
  | { command: 'tms-show'; tms: string; json: boolean }
  | { command: 'completion'; shell: (typeof SHELLS)[number] }
  | { command: 'clean'; folder: string; yes: boolean }
  | { command: 'status' | 'wait' | 'cancel'; folder: string; json: boolean }
  | MonitorCommand
  | PlotCommand
  | ReportCommand
  | ServeCommand
  | CheckCommand
  | EstimateCommand
  | FootprintsCommand
  | WorkerCommand
  | { command: 'help'; topic: Topic }
  | { command: 'version' };

/**
 * @param argv - the arguments after the program's name
 * @throws TilewrightError `usage`, and `config-invalid` for what is wrong in a configuration file
 */
export function parseArguments(argv: readonly string[]): Command {
  const [first, ...rest] = commandFirst(argv);
  if (first === undefined) return { command: 'help', topic: null };
  if (first === 'help') return parseHelp(rest);
  // As it was before -v.
  if (first === '-V' && rest.length === 0) return { command: 'version' };
  if (first.startsWith('-')) {
    // What follows a command is its own: -v stage --out b is not about --out.
    const command = argv.findIndex((word) => Object.hasOwn(COMMANDS, word));
    const words = command === -1 ? argv : argv.slice(0, command + 1);
    const { given, positionals, help } = parseOptions(words, GENERAL_OPTIONS, [], null);
    if (help) return parseHelp(positionals);
    if (given.has('version') && positionals.length === 0) return { command: 'version' };
    throw usage('The command comes first, as in tilewright stage INPUT --out DIR.', null);
  }
  const name = commandName(first);
  const { options, takes } = COMMANDS[name];
  const { given, positionals, help } = parseOptions(rest, options, takes, name);
  if (help) return { command: 'help', topic: name };
  const json = given.has('json');
  switch (name) {
    case 'stage':
      return {
        command: 'stage',
        ...stageValues(given, positionals, 'stage'),
        quiet: given.has('quiet'),
        json,
        dryRun: given.has('dry-run'),
        detach: given.has('detach') ? rest.filter((text) => text !== '--detach') : null,
      };
    case 'deduplicate': {
      const dirStaged = oneFolder(positionals, name);
      const config = givenConfig(given, { ...givenValues(name, given), dirStaged });
      return { command: name, config, quiet: given.has('quiet'), json };
    }
    case 'duplicates': {
      const folder = oneFolder(positionals, name);
      const values = completed(duplicatesSchema, name, givenValues(name, given));
      return { command: name, folder, ...values };
    }
    case 'check':
      return {
        command: name,
        ...stageValues(given, positionals, name),
        duplicates: given.has('duplicates'),
        json,
      };
    case 'estimate': {
      const { rest, ...own } = estimateValues(given, (message) => usage(message, name));
      return { command: name, ...own, ...stageValues(rest, positionals, name), json };
    }
    case 'footprints':
      return { command: name, ...footprintsValues(given, positionals), json };
    case 'status':
    case 'wait':
    case 'cancel':
      return { command: name, folder: oneFolder(positionals, name), json };
    case 'info':
      if (positionals.length === 0) throw usage('info needs at least one INPUT.', name);
      return { command: 'info', inputs: positionals, json };
    case 'monitor': {
      const [path = 'runinfo', ...more] = positionals;
      if (more.length > 0) throw usage('monitor takes one RUN.', name);
      return { command: name, path, ...completed(monitorSchema, name, givenValues(name, given)) };
    }
    case 'plot': {
      const values = plotValues(givenValues(name, given), (each) =>
        completed(plotSchema, name, each),
      );
      return { command: name, folder: oneFolder(positionals, name), ...values };
    }
    case 'report': {
      const folder = oneFolder(positionals, name);
      return { command: name, folder, ...completed(reportSchema, name, givenValues(name, given)) };
    }
    case 'serve': {
      const folder = oneFolder(positionals, name);
      return { command: name, folder, ...completed(serveSchema, name, givenValues(name, given)) };
    }
    case 'tms':
      return parseTms(positionals, json);
    case 'completion': {
      const shell = SHELLS.find((known) => known === positionals[0]);
      if (shell === undefined || positionals.length > 1) {
        throw usage(`completion needs one of ${SHELLS.join(', ')}.`, name);
      }
      return { command: 'completion', shell };
    }
    case 'clean':
      return { command: name, folder: oneFolder(positionals, name), yes: given.has('yes') };
    case 'worker':
      if (positionals.length > 0) throw usage(`worker takes no ${positionals[0]}.`, name);
      return { command: name, ...completed(workerSchema, name, givenValues(name, given)) };
  }
}

function oneFolder(positionals: readonly string[], command: CommandName): string {
  const [folder, ...more] = positionals;
  if (folder === undefined || more.length > 0) throw usage(`${command} needs one DIR.`, command);
  return folder;
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
  command: 'stage' | 'estimate' | 'check',
): { inputs: string[]; config: Config } {
  const values = givenValues(command, given, command === 'check' ? undefined : COMMANDS.stage);
  const config = givenConfig(given, values);
  if (command === 'stage' && !config.isGiven('dirStaged')) {
    throw usage('stage needs --out DIR, the folder of the staged tiles.', 'stage');
  }
  return { inputs: inputsOf(positionals, config, command), config };
}

/** Those that are named, or the folder of the configuration. */
function inputsOf(
  positionals: readonly string[],
  { values: { dirInput } }: Config,
  command: CommandName,
): string[] {
  const inputs = positionals.length === 0 && dirInput !== null ? [dirInput] : [...positionals];
  if (inputs.length === 0) throw usage(`${command} needs at least one INPUT.`, command);
  return inputs;
}

function footprintsValues(
  given: ReadonlyMap<string, string[]>,
  positionals: readonly string[],
): Omit<FootprintsCommand, 'command' | 'json'> {
  const command = 'footprints';
  const values = givenValues(command, given);
  const isOwn = (key: string): boolean => Object.hasOwn(footprintsSchema.shape, key);
  const entries = Object.entries(values);
  const own = completed(
    footprintsSchema,
    command,
    Object.fromEntries(entries.filter(([key]) => isOwn(key))),
  );
  // Columns of --keep are those of footprints here, whatever a file has its rules for.
  const ofFile = given.has('keep') ? null : givenConfig(given, {}).values.deduplicateMethod;
  const config = givenConfig(given, {
    deduplicateMethod: ofFile ?? 'footprints',
    ...Object.fromEntries(entries.filter(([key]) => !isOwn(key))),
  });
  if (config.values.dirFootprints === null) {
    throw usage('footprints needs --footprints DIR, the folder of the footprints.', command);
  }
  if (own.make === null && (own.overwrite || own.cellSize !== null)) {
    throw usage('--overwrite and --cell-size go with --make.', command);
  }
  return { inputs: inputsOf(positionals, config, command), config, ...own };
}
