/**
 * Makes what comes from the configuration's schema: docs/configuration.md, the JSON Schema for
 * editors, and the types of what is given. `node scripts/make-docs.ts` writes them; test/docs.test.ts
 * checks that they are current.
 */

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { COMMANDS } from '../src/cli/arguments/commands.ts';
import { configJsonSchema } from '../src/staging/configuration/config.ts';
import { parallelSection } from '../src/staging/configuration/config-parallel.ts';
import {
  type ConfigKey,
  configSchema,
  NESTED,
} from '../src/staging/configuration/config-schema.ts';
import { configInputTypes } from './config-types.ts';

const ROOT = join(import.meta.dirname, '..');
const BIOME = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');

/** The files by their paths in the repository. */
export function generatedFiles(): Map<string, string> {
  const schema = JSON.stringify(configJsonSchema());
  const types = 'src/staging/configuration/config-input.ts';
  return new Map([
    ['docs/configuration.md', configurationPage()],
    ['docs/tilewright.schema.json', format('docs/tilewright.schema.json', schema)],
    [types, format(types, configInputTypes())],
  ]);
}

if (import.meta.main) {
  for (const [path, text] of generatedFiles()) writeFileSync(join(ROOT, path), text);
}

function configurationPage(): string {
  return `<!-- Made by scripts/make-docs.ts from src/staging/configuration/config.ts: change that, and run it. -->

# Configuration

A configuration is a JSON object. Every key is optional. The command line takes it as a file:

\`\`\`sh
tilewright stage --config staging.json
\`\`\`

\`\`\`json
{
  "$schema": "./node_modules/tilewright/docs/tilewright.schema.json",
  "dirInput": "input",
  "dirStaged": "staged",
  "tmsId": "WGS1984Quad",
  "z": 13,
  "inputCrs": "EPSG:3413"
}
\`\`\`

An option on the command line overrules the file. \`new TileStager({ … })\` takes the same object, typed:
an editor completes its keys and tells what they are. For the file,
[tilewright.schema.json](tilewright.schema.json), named by \`$schema\`, does that. Relative paths start at
the current folder.

Each key may also be written in the snake_case of the Python pipeline (\`dir_input\`). \`z\` is short for
a \`zRange\` of [0, z]. Where the default is words, it is written null. A key that is not known is an error that names the nearest one.

## Keys

${table(configSchema.shape, (key) =>
  COMMANDS.stage.options
    .filter((option) => option.key === key)
    .map(({ name, argument }) => `--${name}${argument === undefined ? '' : ` ${argument}`}`),
)}

## parallel

${describe('parallel')} [Which is for what](staging-executors.md).

${table(parallelSection.shape, () => [])}

## Options of \`stage\` without a key

${commandLineAlone().join('\n')}

## properties

${describe('properties')} Names must
differ from each other, from \`fid\`, \`geom\` and from the columns of the inputs, whatever their case.
At the top of a configuration their keys are \`prop_tile\`, \`prop_centroid_tile\` and so on.

${table(NESTED.properties, () => [])}
`;
}

/** A row for each key; those of sections have tables of their own. */
function table(
  shape: Readonly<Record<string, z.ZodType>>,
  options: (key: string) => readonly string[],
): string {
  const rows = Object.entries(shape).map(([key, field]) => {
    const { description, unset } = field.meta() ?? {};
    const link = `[below](#${key})`;
    const initial = key in NESTED ? link : field.parse(undefined);
    const otherwise = initial === link ? link : initial === null ? unset : showDefault(initial);
    const flags = options(key).map((option) => ` \`${option}\``);
    const cells = [`\`${key}\``, `${description}${flags.join('')}`, otherwise];
    return `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| key | meaning | default |', '| --- | --- | --- |', ...rows].join('\n');
}

/** Of `stage`: what only its command line has. */
function commandLineAlone(): string[] {
  const options = COMMANDS.stage.options.filter(
    ({ key, name }) => key === undefined && name !== 'help',
  );
  return options.map(({ name, argument, description }) => {
    const value = argument === undefined ? '' : ` ${argument}`;
    return `- \`--${name}${value}\`: ${description}`;
  });
}

function describe(key: ConfigKey): string {
  return configSchema.shape[key].description ?? '';
}

function showDefault(value: unknown): string {
  if (value === '') return 'empty';
  return `\`${JSON.stringify(value)?.replaceAll(',', ', ')}\``;
}

function format(path: string, text: string): string {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [BIOME, 'format', `--stdin-file-path=${path}`],
    { input: text, encoding: 'utf8', cwd: ROOT },
  );
  if (status !== 0) throw new Error(`biome format failed: ${stderr}`);
  return stdout;
}
