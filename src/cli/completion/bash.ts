/** Completion for bash, from 3.2 on, with or without the package bash-completion. */

import { GENERAL, type Offer, type OfferedCommand, type OfferedOption } from './offers.ts';

/** What finds the words, the command and the place of the argument that is being written. */
const BEGIN = `# Completion of tilewright for bash: source <(tilewright completion bash)
_tilewright_files() {
  # Folders, and files with one of these ends, or any.
  local end
  if [ $# -eq 0 ]; then compgen -P f -f -- "$cur"; return; fi
  compgen -P f -d -- "$cur"
  for end in "$@"; do compgen -P f -f -X "!*$end" -- "$cur"; done
}

_tilewright() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}"
  local command="" place=0 i=1 before="" only="" files="" found line
  COMPREPLY=()
  # bash makes words of their own of --option, = and the value.
  if [ "$cur" = "=" ]; then cur=""; elif [ "$prev" = "=" ]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  for (( i = 1; i < COMP_CWORD; i++ )); do
    line="\${COMP_WORDS[i]}"
    if [ -n "$only" ]; then place=$(( place + 1 ))
    elif [ "$line" = "--" ]; then only=1
    elif [ "$line" = "=" ]; then i=$(( i + 1 ))
    elif _tilewright_takes "$command $before"; then :
    elif [ "\${line#-}" != "$line" ]; then before="$line"; continue
    elif [ -z "$command" ]; then command="$line"
    else place=$(( place + 1 ))
    fi
    before=""
  done
  [ -z "$only" ] || prev=""
  found=$(_tilewright_offer)
  while IFS= read -r line; do
    case "$line" in f*) files=1 ;; esac
    [ -z "$line" ] || COMPREPLY[\${#COMPREPLY[@]}]="\${line#?}"
  done <<< "$found"
  # A word stays one where a folder is called like it.
  [ -n "$files" ] || compopt +o filenames 2> /dev/null
  return 0
}
`;

const END = `
complete -o filenames -F _tilewright tilewright
`;

export function bashCompletion(commands: readonly OfferedCommand[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  return [
    BEGIN,
    '# Whether the option before takes the word.',
    '_tilewright_takes() {',
    '  case "$1" in',
    `    ${valuePatterns(commands)}) return 0 ;;`,
    '  esac',
    '  return 1',
    '}',
    '',
    '_tilewright_offer() {',
    '  case "$command $prev" in',
    ...commands.flatMap(({ name, options }) => valueCases(name, options)),
    '  esac',
    '  case "$command" in',
    `    "") case "$cur" in -*) ${words(spellings(GENERAL))} ;; *) ${words(names)} ;; esac ;;`,
    ...commands.flatMap(commandCase),
    '  esac',
    '}',
    END,
  ].join('\n');
}

function valuePatterns(commands: readonly OfferedCommand[]): string {
  return commands
    .flatMap(({ name, options }) =>
      options
        .filter(({ argument }) => argument !== undefined)
        .flatMap((option) => spellings([option]).split(' '))
        .map((text) => `"${name} ${text}"`),
    )
    .join('|');
}

function valueCases(name: string, options: readonly OfferedOption[]): string[] {
  return options
    .filter(({ argument }) => argument !== undefined)
    .map((option) => {
      const patterns = spellings([option])
        .split(' ')
        .map((text) => `"${name} ${text}"`);
      return `    ${patterns.join('|')}) ${offerCommand(option.offer)}; return ;;`;
    });
}

function commandCase({ name, options, takes }: OfferedCommand): string[] {
  const last = takes.length - 1;
  const places = takes.map((offer, i) => `${i === last ? '*' : i}) ${offerCommand(offer)} ;;`);
  return [
    `    ${name})`,
    '      case "$only$cur" in',
    `        -*) ${words(spellings(options))} ;;`,
    `        *) case "$place" in ${places.join(' ')} esac ;;`,
    '      esac ;;',
  ];
}

function spellings(options: readonly OfferedOption[]): string {
  return options
    .flatMap(({ name, short }) => (short === undefined ? [] : [`-${short}`]).concat(`--${name}`))
    .join(' ');
}

function offerCommand({ words: these, files, what }: Offer): string {
  if (what === 'nothing') return ':';
  if (what === 'folders') return 'compgen -P f -d -- "$cur"';
  // Names of files may be written in capitals.
  const ends = (files ?? []).map((end) => `'${end.replace(/[a-z]/g, anyCase)}'`);
  const search = ['_tilewright_files', ...ends].join(' ');
  if (what === 'files') return search;
  return what === 'words' ? words(these.join(' ')) : `${words(these.join(' '))}; ${search}`;
}

function anyCase(letter: string): string {
  return `[${letter}${letter.toUpperCase()}]`;
}

function words(text: string): string {
  return `compgen -P w -W '${text}' -- "$cur"`;
}
