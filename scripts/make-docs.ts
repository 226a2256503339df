/**
 * Makes what comes from the configuration's schema: docs/configuration.md, the JSON Schema for
 * editors, and the types of what is given. `node scripts/make-docs.ts` writes them; test/docs.test.ts
 * checks that they are current.
 */

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS } from '../src/cli/arguments/commands.ts';
import { configJsonSchema } from '../src/staging/configuration/config.ts';
import {
  CONFIG_KEYS,
  type ConfigKey,
  configSchema,
} from '../src/staging/configuration/config-schema.ts';
import { snakeCase } from '../src/staging/configuration/spelling.ts';
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

An option on the command line overrules the file. \`new TileStager({ … })\` takes the same object.
Relative paths start at the current folder. A key that is not known is an error that names the
nearest known key.

Each key may be written in camelCase or in the snake_case of the Python pipeline. \`z\` is short for
a \`zRange\` of [0, z]. \`$schema\` is passed over; [tilewright.schema.json](tilewright.schema.json)
lets an editor complete and check the file.

## Keys

${CONFIG_KEYS.filter((key) => key !== 'properties')
  .map(section)
  .join('\n\n')}

## properties

${describe('properties')} Names must
differ from each other, from \`fid\`, \`geom\` and from the columns of the inputs, whatever their case.
A name may also be given at the top of the configuration, under the second key below.

${propertyLines().join('\n')}
`;
}

function section(key: ConfigKey): string {
  const field = configSchema.shape[key];
  const meta = field.meta() ?? {};
  const options = COMMANDS.stage.options.filter((option) => option.key === key);
  const facts = [
    `${describe(key)}`,
    '',
    `- Value: ${meta['expects']}`,
    `- Default: ${showDefault(field.parse(undefined))}` +
      (meta['unset'] === undefined ? '' : ` (${meta['unset']})`),
  ];
  for (const { name, argument } of options) {
    facts.push(`- Command line: \`--${name}${argument === undefined ? '' : ` ${argument}`}\``);
  }
  if (snakeCase(key) !== key) facts.push(`- Also: \`${snakeCase(key)}\``);
  return [`### ${key}`, '', ...facts].join('\n');
}

function propertyLines(): string[] {
  const names = configSchema.shape.properties.parse(undefined);
  const schema = configJsonSchema() as {
    properties: { properties: { properties: Record<string, { description: string }> } };
  };
  const fields = schema.properties.properties.properties;
  return Object.entries(names).map(
    ([name, column]) =>
      `- \`${name}\`, \`prop_${snakeCase(name)}\`: ${fields[name]?.description} ` +
      `Default: \`${column}\``,
  );
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
