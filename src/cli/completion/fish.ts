/** Completion for fish, from 3.0 on. */

import { GENERAL, type Offer, type OfferedCommand, type OfferedOption } from './offers.ts';

const BEGIN = `# Completion of tilewright for fish: tilewright completion fish | source
function __tilewright_begins
    test (count (commandline -opc)) -eq 1
end

# Whether it is this command, and so many words of it have been written.
function __tilewright_is
    set -l words (commandline -opc)
    test (count $words) -gt 1; and test "$words[2]" = $argv[1]; or return 1
    test (count $argv) -eq 1; or test (count $words) -eq $argv[2]
end

function __tilewright_is_after
    __tilewright_is $argv[1]; and test (count (commandline -opc)) -ge $argv[2]
end

# Folders, and files with one of these ends.
function __tilewright_files
    set -l now (commandline -ct)
    __fish_complete_directories $now ''
    for end in $argv
        for file in (string replace -r '[^/]*$' '' -- $now)*
            string match -qi "*$end" -- $file; and test -f $file; and echo $file
        end
    end
end

complete -c tilewright -e
complete -c tilewright -f
`;

export function fishCompletion(commands: readonly OfferedCommand[]): string {
  const begins = '-n __tilewright_begins';
  return [
    BEGIN,
    ...GENERAL.map((option) => optionLine(begins, option)),
    ...commands.map(
      ({ name, summary }) => `complete -c tilewright ${begins} -a ${name} -d ${quoted(summary)}`,
    ),
    ...commands.flatMap(commandLines),
    '',
  ].join('\n');
}

function commandLines({ name, options, takes }: OfferedCommand): string[] {
  const last = takes.length - 1;
  return [
    ...options.map((option) => optionLine(`-n '__tilewright_is ${name}'`, option)),
    ...takes.map((offer, i) => {
      const place =
        i < last
          ? `__tilewright_is ${name} ${i + 2}`
          : i === 0
            ? `__tilewright_is ${name}`
            : `__tilewright_is_after ${name} ${i + 2}`;
      return `complete -c tilewright -n '${place}' ${offerFlags(offer)}`;
    }),
  ];
}

function optionLine(condition: string, option: OfferedOption): string {
  const { name, short, argument, offer, description } = option;
  const spelling = `${short === undefined ? '' : `-s ${short} `}-l ${name}`;
  const value = argument === undefined ? '' : ` -r ${offerFlags(offer)}`;
  return `complete -c tilewright ${condition} ${spelling}${value} -d ${quoted(description)}`;
}

function offerFlags({ words, files, what }: Offer): string {
  if (what === 'nothing') return '-f';
  if (what === 'folders') return `-f -a "(__fish_complete_directories (commandline -ct) '')"`;
  const search = `(__tilewright_files ${(files ?? []).join(' ')})`;
  if (what === 'files') return files === null ? '-F' : `-f -a '${search}'`;
  const list = words.join(' ');
  return what === 'words' ? `-f -a '${list}'` : `-f -a '${list} ${search}'`;
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
