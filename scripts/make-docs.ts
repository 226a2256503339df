/**
 * Makes what comes from schemas: of the configuration's docs/configuration.md, the JSON Schema for
 * editors, and the types of what is given; of `plotTiles` and `serve` the types of their options. `node scripts/make-docs.ts` writes them; test/docs.test.ts
 * checks that they are current.
 */

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { COMMANDS } from '../src/cli/arguments/commands.ts';
import { plotSchema } from '../src/plot/plot-schema.ts';
import { configJsonSchema } from '../src/staging/configuration/config.ts';
import { parallelSection } from '../src/staging/configuration/config-parallel.ts';
import {
  type ConfigKey,
  configSchema,
  NESTED,
} from '../src/staging/configuration/config-schema.ts';
import { serveSchema } from '../src/viewer/serve-schema.ts';
import { configInputTypes, optionsType } from './config-types.ts';

const ROOT = join(import.meta.dirname, '..');
const BIOME = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');

/** The files by their paths in the repository. */
export function generatedFiles(): Map<string, string> {
  const schema = JSON.stringify(configJsonSchema());
  const plot = 'src/plot/plot-options.ts';
  const serve = 'src/viewer/serve-options.ts';
  const types = 'src/staging/configuration/config-input.ts';
  return new Map([
    ['docs/configuration.md', configurationPage()],
    ['docs/tilewright.schema.json', format('docs/tilewright.schema.json', schema)],
    [types, format(types, configInputTypes())],
    [
      plot,
      format(
        plot,
        optionsType(
          'plot-schema.ts',
          plotSchema,
          'PlotOptions',
          'What a map shows, and where it goes.',
        ),
      ),
    ],
    [
      serve,
      format(
        serve,
        optionsType('serve-schema.ts', serveSchema, 'ServeOptions', 'Where a viewer listens.'),
      ),
    ],
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

Options of the command line overrule the file. \`new TileStager({ … })\` takes the same object. For editors, types and
[tilewright.schema.json](tilewright.schema.json), named by \`$schema\`, have every key. Relative paths start at the
current folder.

Keys may also be in the snake_case of the Python pipeline (\`dir_input\`). \`z\` is short for a \`zRange\` of [0, z]. A key
that is not known is an error that names the nearest one. Defaults are in brackets; one in words is written null.

## Keys

${list(configSchema.shape, (key) =>
  COMMANDS.stage.options
    .filter((option) => option.key === key)
    .map(({ name, argument }) => `--${name}${argument === undefined ? '' : ` ${argument}`}`),
)}

## parallel

${describe('parallel')} [Which is for what](staging-executors.md).

${list(parallelSection.shape, () => [])}

## Options of \`stage\` without a key

${commandLineAlone().join('\n')}

## properties

${describe('properties')} Names must differ from each other, from \`fid\`,
\`geom\` and from the columns of the inputs, whatever their case. At the top of a configuration their keys are
\`prop_tile\`, \`prop_centroid_tile\` and so on. [What is in them](staged-folder.md#columns).

${propertyColumnsList()}
`;
}

/** A line for each key, with its option and its default; those of sections have lists of their own. */
function list(
  shape: Readonly<Record<string, z.ZodType>>,
  options: (key: string) => readonly string[],
): string {
  const lines = Object.entries(shape).map(([key, field]) => {
    const { description, unset } = field.meta() ?? {};
    const names = [key, ...options(key)].map((name) => `\`${name}\``).join(', ');
    if (key in NESTED) return `- ${names}: ${description} [Below](#${key}).`;
    const initial = field.parse(undefined);
    return `- ${names}: ${description} (${initial === null ? unset : showDefault(initial)})`;
  });
  return lines.join('\n');
}

function propertyColumnsList(): string {
  const columns = Object.entries(NESTED.properties).map(
    ([key, field]) => `\`${key}\` (\`${(field as z.ZodType).parse(undefined)}\`)`,
  );
  return `${columns.join(', ')}.`;
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
