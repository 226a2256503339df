/** Completion for zsh: sourced after compinit, or as the file _tilewright in a folder of $fpath. */

import { GENERAL, type Offer, type OfferedCommand, type OfferedOption } from './offers.ts';

export function zshCompletion(commands: readonly OfferedCommand[]): string {
  return [
    '#compdef tilewright',
    '# Completion of tilewright for zsh: source <(tilewright completion zsh), after compinit',
    '# Names; where none begins like it, files with these ends.',
    '_tilewright_either() {',
    '  local ends=$1 expl',
    '  shift',
    '  local -a names=("$@")',
    '  _wanted names expl name compadd -a names || _files -g "(#i)*.($ends)(-.)"',
    '}',
    '_tilewright() {',
    '  local curcontext="$curcontext" state line ret=1',
    '  typeset -A opt_args',
    '  _arguments -C \\',
    ...GENERAL.map((option) => `    ${optionSpec(option)} \\`),
    "    '1:command:->command' '*::argument:->argument' && ret=0",
    '  case $state in',
    '    command)',
    '      local -a commands=(',
    ...commands.map(({ name, summary }) => `        ${quoted(`${name}:${summary}`)}`),
    '      )',
    "      _describe -t commands 'command' commands && ret=0 ;;",
    '    argument)',
    '      case $words[1] in',
    ...commands.flatMap(commandCase),
    '      esac ;;',
    '  esac',
    '  return ret',
    '}',
    'if [[ $funcstack[1] == _tilewright ]]; then _tilewright "$@"; else compdef _tilewright tilewright; fi',
    '',
  ].join('\n');
}

function commandCase({ name, options, takes }: OfferedCommand): string[] {
  const last = takes.length - 1;
  const places = takes.map((offer, i) => {
    const action = actionOf(offer);
    return quoted(`${i === last ? '*' : i + 1}:${i === last ? 'argument' : 'action'}:${action}`);
  });
  const specs = [...options.map(optionSpec), ...places];
  return [`        ${name})`, `          _arguments -S ${specs.join(' ')} && ret=0 ;;`];
}

function optionSpec({
  name,
  short,
  argument,
  offer,
  multiple,
  description,
}: OfferedOption): string {
  const text = `[${description.replace(/[[\]\\]/g, '\\$&')}]`;
  const value = argument === undefined ? '' : `:${escaped(argument)}:${actionOf(offer)}`;
  const equals = argument === undefined ? '' : '=';
  const plus = argument === undefined ? '' : '+';
  if (short === undefined) return quoted(`${multiple ? '*' : ''}--${name}${equals}${text}${value}`);
  const both = quoted(`(-${short} --${name})`);
  return `${both}{-${short}${plus},--${name}${equals}}${quoted(text + value)}`;
}

function actionOf({ words, files, what }: Offer): string {
  if (what === 'nothing') return ' ';
  if (what === 'folders') return '_files -/';
  const ends = files?.map((end) => end.slice(1)).join('|');
  const search = ends === undefined ? '_files' : `_files -g "(#i)*.(${ends})(-.)"`;
  if (what === 'files') return search;
  const list = `(${words.map(escaped).join(' ')})`;
  if (what === 'words') return list;
  return ` _tilewright_either "${ends}" ${words.map(escaped).join(' ')}`;
}

function escaped(text: string): string {
  return text.replace(/[:\\]/g, '\\$&');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
