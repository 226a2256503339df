/** From the words of a command line to options and arguments, by their declaration. */

import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import type { TilewrightError } from '../../core/errors.ts';
import { isRemote, shownUrl } from '../../core/remote-name.ts';
import { inputUrl, isInputUrl } from '../../formats/remote/input-url.ts';
import { COMMANDS, GENERAL_OPTIONS, type Topic } from './commands.ts';
import type { Kind, Option } from './option.ts';
import { isWordOption, unknownOption, usage } from './suggestions.ts';

export interface Parsed {
  /** Texts of each option that was given; a switch has none. */
  given: ReadonlyMap<string, string[]>;
  positionals: string[];
  /** Whether help is asked for: then nothing else counts. */
  help: boolean;
}

/**
 * Puts the command before its options: others take `tool --json command` as well. Before the command,
 * -v and -h are the program's own. As given where no command follows, or a value comes before it.
 */
export function commandFirst(argv: readonly string[]): readonly string[] {
  if (!argv[0]?.startsWith('-')) return argv;
  for (const [i, word] of argv.entries()) {
    if (word === '--') return argv;
    if (!Object.hasOwn(COMMANDS, word)) continue;
    const before = tokensOf(argv.slice(0, i + 1), COMMANDS[word as keyof typeof COMMANDS].options);
    const values = before.filter(({ kind }) => kind === 'positional');
    // The value of an option may be called as a command is.
    if (values.length !== 1 || before.at(-1)!.kind !== 'positional') continue;
    const general = before.some((token) =>
      GENERAL_OPTIONS.some(
        ({ name, short }) =>
          token.kind === 'option' && [`--${name}`, `-${short}`].includes(token.rawName),
      ),
    );
    return general ? argv : [word, ...argv.slice(0, i), ...argv.slice(i + 1)];
  }
  return argv;
}

function tokensOf(args: readonly string[], options: readonly Option[]) {
  const known: ParseArgsOptionsConfig = {};
  for (const { name, short, argument } of options) {
    const type = argument === undefined ? 'boolean' : 'string';
    known[name] = short === undefined ? { type } : { type, short };
  }
  return parseArgs({
    ...{ args: [...args], options: known, allowPositionals: true, tokens: true, strict: false },
  } as const).tokens;
}

/**
 * @param takes - what the arguments can be; the last one stands for those that follow
 * @throws TilewrightError `usage`
 */
export function parseOptions(
  args: readonly string[],
  options: readonly Option[],
  takes: readonly Kind[],
  command: Topic,
): Parsed {
  const tokens = tokensOf(args, options);
  for (const { kind, index } of tokens) {
    // Before anything else: -where is a group of switches to parseArgs, with -h among them.
    const word = kind === 'option' ? /^-([^-=][^=]*)/.exec(args[index]!)?.[1] : undefined;
    if (word !== undefined && isWordOption(word, options, command)) {
      throw unknownOption(word, `-${word}`, options, command);
    }
  }
  const positionals = tokens.flatMap((token) => (token.kind === 'positional' ? token.value : []));
  if (tokens.some((token) => token.kind === 'option' && token.name === 'help')) {
    return { given: new Map(), positionals, help: true };
  }
  const given = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const option = options.find(({ name }) => name === token.name);
    if (option === undefined) throw unknownOption(token.name, token.rawName, options, command);
    const { name, argument, multiple, kind } = option;
    const { value } = token;
    if (argument === undefined) {
      if (value !== undefined) throw usage(`--${name} takes no value.`, command);
    } else if (value === undefined || value === '') {
      throw usage(`--${name} needs a value: --${name} ${argument}.`, command);
    } else if (!token.inlineValue && value.startsWith('-') && !mayBegin(value, option)) {
      const hint = `If its value begins with a dash, write --${name}=${value}.`;
      throw usage(`--${name} needs a value, and "${value}" looks like an option. ${hint}`, command);
    } else if (given.has(name) && multiple !== true) {
      throw usage(`--${name} is given more than once.`, command);
    } else refuseUrl(value, kind, `--${name}`, command);
    const texts = value === undefined ? [] : [value];
    given.set(name, [...(given.get(name) ?? []), ...texts]);
  }
  for (const [i, text] of positionals.entries()) {
    refuseUrl(text, takes[i] ?? takes.at(-1), 'DIR', command);
    refuseSecrets(text, command);
  }
  return { given, positionals, help: false };
}

/** Whether an option takes what begins with a dash: a number, be it too small, or standard output. */
function mayBegin(value: string, { argument }: Option): boolean {
  const kinds = argument!.split('|');
  if (value === '-') return kinds.includes('-');
  return /^-\.?\d/.test(value) && kinds.some((kind) => /^(N\b|WEST\b|SECONDS$)/.test(kind));
}

/** What is told, written down and handed on from here on has none. */
function refuseSecrets(text: string, command: Topic): void {
  if (!isInputUrl(text)) return;
  try {
    inputUrl(text);
  } catch (error) {
    throw usage(`${(error as TilewrightError).message}.`, command);
  }
}

/** A URL would be taken for a relative path, and a folder `s3:` be made. Those of inputs are told later. */
function refuseUrl(value: string, kind: Kind | undefined, what: string, command: Topic): void {
  if ((kind !== 'file' && kind !== 'folder') || !isRemote(value)) return;
  throw usage(
    `${what} must be a ${kind} of this machine, and ${shownUrl(value)} is a URL. ` +
      'Copy what is there to a disk here before, or from here when all is done.',
    command,
  );
}
