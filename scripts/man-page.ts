/** The manual page `tilewright.1`, made of what the help is made of. */

import { COMMANDS, GENERAL_OPTIONS } from '../src/cli/arguments/commands.ts';
import { ENVIRONMENT, EXAMPLES, EXIT_CODES, meaning } from '../src/cli/arguments/help.ts';
import type { Option } from '../src/cli/arguments/option.ts';
import { CONFIG_KEYS, configSchema } from '../src/staging/configuration/config-schema.ts';

/** @returns text in the macros of man(7), ASCII alone, so that it shows in any locale */
export function manPage(version: string): string {
  const lines = [
    `.TH TILEWRIGHT 1 "" "tilewright ${version}" "User Commands"`,
    '.SH NAME',
    'tilewright \\- stages big vector datasets into the tiles of an OGC TileMatrixSet',
    '.SH SYNOPSIS',
    '.B tilewright',
    '.I COMMAND',
    '[\\fIARGUMENT\\fR ...] [\\fIOPTION\\fR ...]',
    '.SH DESCRIPTION',
    roff(
      'Reads polygons of files, folders and globs, and writes one file for each tile, with every polygon ' +
        'that intersects it. The same command may be run again: it stages what is new or has changed, and ' +
        'goes on where a run was stopped.',
    ),
    '.SH OPTIONS',
    ...GENERAL_OPTIONS.flatMap(optionLines),
    '.SH COMMANDS',
  ];
  for (const { usage, summary, options } of Object.values(COMMANDS)) {
    lines.push(`.SS ${roff(usage[0]!.split(' ')[0]!)}`);
    for (const line of usage) lines.push('.nf', `.B tilewright ${roff(line)}`, '.fi');
    lines.push('.PP', roff(summary), ...options.flatMap(optionLines));
  }
  lines.push('.SH CONFIGURATION', roff(CONFIGURATION));
  for (const key of CONFIG_KEYS) {
    lines.push('.TP', `.B ${roff(key)}`, roff(configSchema.shape[key].description ?? ''));
  }
  lines.push('.SH ENVIRONMENT');
  for (const [name, text] of ENVIRONMENT) lines.push('.TP', `.B ${roff(name)}`, roff(text));
  lines.push('.SH EXIT STATUS');
  for (const [code, text] of EXIT_CODES) lines.push('.TP', `.B ${code}`, roff(text));
  lines.push('.SH EXAMPLES');
  for (const [i, [command, text]] of EXAMPLES.entries()) {
    if (i > 0) lines.push('.PP');
    if (text !== '') lines.push(roff(`${text}:`));
    lines.push('.nf', '.RS 4', roff(command), '.RE', '.fi');
  }
  return `${lines.join('\n')}\n`;
}

const CONFIGURATION =
  '--config names a JSON file of these keys; the names of the Python pipeline (dir_staged, tms_id) ' +
  'work too. Options of the command line overrule it.';

function optionLines(option: Option): string[] {
  const { name, short, argument } = option;
  const spellings = short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
  const bold = spellings.map((text) => `\\fB${roff(text)}\\fR`).join(', ');
  const value = argument === undefined ? '' : ` \\fI${roff(argument)}\\fR`;
  return ['.TP', bold + value, roff(meaning(option))];
}

/** As roff takes it: no request or escape in it, a dash that can be copied, ASCII alone. */
function roff(text: string): string {
  const plain = text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', ' ...')
    .replace(
      /[^\x20-\x7e]/gu,
      (c) => `\\[u${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`,
    );
  return /^[.']/.test(plain) ? `\\&${plain}` : plain;
}
