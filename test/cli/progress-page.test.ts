/** `docs/progress.md` names every event, and every field of each. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PHASES } from '../../src/staging/telling/phases.ts';
import { runStream } from '../insight/run-stream.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/progress.md'), 'utf8');

/** Lines of the lists below a heading, up to the next one: the words in backquotes before `:`, and after. */
function linesBelow(heading: string): [names: string[], said: string[]][] {
  const start = page.indexOf(`\n${heading}\n`);
  assert.ok(start >= 0, `${heading} is missing`);
  const end = page.indexOf('\n##', start + heading.length);
  const lines = page.slice(start, end < 0 ? undefined : end).matchAll(/^- (`.+?): (.+)$/gm);
  const quoted = (text: string): string[] =>
    [...text.matchAll(/`([\w-]+)`/g)].map(([, name]) => name!);
  return [...lines].map(([, names, said]) => [quoted(names!), quoted(said!)]);
}

/** Fields by event. `task-ended` has those of `task-started` too. */
function documentedEvents(): Map<string, string[]> {
  const types = new Set(eventTypes().keys());
  const events = new Map<string, string[]>();
  for (const [[type], fields] of linesBelow('## Events')) {
    if (types.has(type!))
      events.set(
        type!,
        fields.filter((name) => !types.has(name)),
      );
  }
  events.get('task-ended')!.push(...events.get('task-started')!);
  return events;
}

/** Names of the members of a type's text, without those of objects in it; of all, or of those always there. */
function members(text: string, mark = /\??:/): string[] {
  const flat = text
    .replaceAll(/\/\*\*[\s\S]*?\*\//g, '')
    .replaceAll(/(?<=: )\{[^{}]*\}/g, 'object');
  const one = new RegExp(`(?:^|[{;])\\s*(\\w+)${mark.source}`, 'gm');
  return [...flat.matchAll(one)].map(([, name]) => name!);
}

/** Fields by event, as the source has them: all, or those that are always there. */
function eventTypes(mark?: RegExp): Map<string, string[]> {
  const source = readFileSync(join(root, 'src/staging/telling/events.ts'), 'utf8');
  const union = /RunEvent = \{ at: number \} & \(([\s\S]*?)\n\);/.exec(source)![1]!;
  const types = new Map<string, string[]>();
  for (const part of union.split(/\n {2}\| (?=\{)/).slice(1)) {
    const type = /type: '([a-z-]+)'/.exec(part)![1]!;
    types.set(
      type,
      members(part, mark).filter((name) => name !== 'type'),
    );
  }
  return types;
}

test('the page of progress has every event with its fields, and no other', () => {
  const types = eventTypes();
  const documented = documentedEvents();
  assert.deepEqual([...documented.keys()].sort(), [...types.keys()].sort());
  for (const [type, fields] of types) {
    assert.ok(fields.length > 0, type);
    for (const field of fields)
      assert.ok(documented.get(type)!.includes(field), `${type} ${field}`);
  }
  const known = new Set([...types.values()].flat());
  const values = ['finished', 'failed', 'interrupted'];
  for (const field of [...documented.values()].flat()) {
    assert.ok(known.has(field) || values.includes(field), field);
  }
  // The fields of events as they are, not only as their types are read here.
  for (const { at, type, ...fields } of runStream({ retried: [0], failed: [1] })) {
    assert.ok(at >= 0);
    for (const name of Object.keys(fields)) assert.ok(types.get(type)!.includes(name), name);
  }
});

test('it has the fields of an error', () => {
  const errors = readFileSync(join(root, 'src/core/errors.ts'), 'utf8');
  const documented = linesBelow('### Errors').flatMap(([names]) => names);
  for (const name of ['ErrorDetails', 'ErrorJson'] as const) {
    const text = new RegExp(`export interface ${name}[^{]*\\{([\\s\\S]*?)\\n\\}`).exec(errors)![1]!;
    for (const field of members(text)) assert.ok(documented.includes(field), field);
  }
});

test('the phases of the page are those that there are', () => {
  for (const { name } of PHASES) assert.match(page, new RegExp(`^- \`${name}\`: `, 'm'));
});

test('lines of the example are events', () => {
  const example = /```json\n([\s\S]*?)```/.exec(page)![1]!.trimEnd().split('\n');
  const types = eventTypes();
  const always = eventTypes(/:/);
  const lines = example.map((line) => JSON.parse(line) as { at: number; type: string });
  assert.ok(lines.length > 5);
  assert.deepEqual(
    lines.map(({ at }) => at),
    lines.map(({ at }) => at).toSorted((a, b) => a - b),
  );
  for (const { at: _, type, ...fields } of lines) {
    const names = Object.keys(fields);
    assert.deepEqual(
      names.filter((name) => !types.get(type)!.includes(name)),
      [],
      type,
    );
    assert.deepEqual(
      always.get(type)!.filter((name) => !names.includes(name)),
      [],
      type,
    );
  }
});
