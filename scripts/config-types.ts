/** Types of what options may be given as, made from their schemas, with a comment for each key. */

import { z } from 'zod';
import { PASSED_OVER, PYTHON_ONLY } from '../src/staging/configuration/config-python.ts';
import { configSchema, NESTED } from '../src/staging/configuration/config-schema.ts';
import { snakeCase } from '../src/staging/configuration/spelling.ts';

/** What is read here of a JSON Schema. */
interface Schema {
  type?: string;
  description?: string;
  unset?: string;
  default?: unknown;
  enum?: readonly unknown[];
  anyOf?: readonly Schema[];
  items?: Schema;
  prefixItems?: readonly Schema[];
  properties?: Readonly<Record<string, Schema>>;
}

type Spelling = (name: string) => string;
const asItIs: Spelling = (name) => name;

/** The module of the types, before it is formatted. */
export function configInputTypes(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input' }) as Schema;
  const parts: string[] = [];
  for (const [spelling, suffix] of [
    [asItIs, ''],
    [snakeCase, 'SnakeCase'],
  ] as const) {
    const style = spelling === asItIs ? 'camelCase' : 'the snake_case of the Python pipeline';
    const named = new Map<string, string>();
    for (const key of Object.keys(NESTED)) {
      const name = `${key[0]!.toUpperCase()}${key.slice(1)}Input${suffix}`;
      named.set(key, name);
      const about = `What \`${key}\` of a configuration may hold, in ${style}.`;
      parts.push(typeOf(name, about, members(schema.properties![key]!, spelling)));
    }
    const own = [
      ...members(schema, spelling, named),
      member('z', 'Short for a z range of [0, z].', 'number'),
      ...(spelling === snakeCase ? pythonMembers(schema) : []),
    ];
    const about =
      suffix === ''
        ? 'What a configuration may be given as. Every key is optional; undefined is as if it were not there.'
        : 'The same with the names of the Python pipeline.';
    parts.push(typeOf(`ConfigInput${suffix}`, about, own));
  }
  return `/** Made by scripts/make-docs.ts from config-schema.ts: change that, and run it. */\n\n${parts.join('\n')}`;
}

/** The module of the type of a schema's options, before it is formatted. */
export function optionsType(
  source: string,
  schema: z.ZodObject,
  name: string,
  about: string,
): string {
  const own = members(z.toJSONSchema(schema, { io: 'input' }) as Schema, asItIs);
  return `/** Made by scripts/make-docs.ts from ${source}: change that, and run it. */\n\n${typeOf(name, about, own)}`;
}

function typeOf(name: string, about: string, lines: readonly string[]): string {
  return `/** ${about} */\nexport interface ${name} {\n${lines.join('\n')}\n}\n`;
}

function members(
  { properties }: Schema,
  spelling: Spelling,
  named: ReadonlyMap<string, string> = new Map(),
): string[] {
  return Object.entries(properties ?? {}).map(([key, schema]) =>
    member(spelling(key), aboutOf(schema, named.has(key)), named.get(key) ?? typeText(schema)),
  );
}

/** Keys that the Python pipeline's configurations have, and this one only passes over. */
function pythonMembers(schema: Schema): string[] {
  const columns = Object.entries(schema.properties!['properties']!.properties!);
  return [
    ...columns.map(([key, column]) =>
      member(`prop_${snakeCase(key)}`, aboutOf(column, false), typeText(column)),
    ),
    ...Object.entries(PASSED_OVER).map(([key, why]) =>
      member(key, `Passed over: ${why}.`, 'unknown'),
    ),
    ...PYTHON_ONLY.map((key) =>
      member(key, 'Not here yet: may only be switched off.', offValues(key)),
    ),
  ];
}

function offValues(key: string): string {
  const more = key === 'ext_staged' ? " | '.gpkg'" : '';
  return `null | false | '' | readonly []${more}`;
}

function member(key: string, about: string, type: string): string {
  return `/** ${about} */\n${key}?: ${type} | undefined;`;
}

function aboutOf({ description, unset, default: value }: Schema, isNested: boolean): string {
  const facts = [description];
  if (!isNested && value !== undefined) {
    facts.push(`Default: ${value === null ? `null, ${unset}` : show(value)}.`);
  } else if (unset !== undefined) {
    facts.push(`Default: ${unset}.`);
  }
  return facts.join(' ').replaceAll('*/', '*\\/');
}

function show(value: unknown): string {
  return value === '' ? 'empty' : `\`${JSON.stringify(value).replaceAll(',', ', ')}\``;
}

function typeText(schema: Schema): string {
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeText))].join(' | ');
  if (schema.enum !== undefined)
    return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.prefixItems !== undefined) {
    return `readonly [${schema.prefixItems.map(typeText).join(', ')}]`;
  }
  switch (schema.type) {
    case 'array':
      return `readonly (${typeText(schema.items!)})[]`;
    case 'integer':
      return 'number';
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return schema.type;
    default:
      throw new Error(`no type for ${JSON.stringify(schema)}`);
  }
}
