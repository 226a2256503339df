/** Whether a line of a record is what it must be: the folder may come from somebody else. */

import { isPhase } from '../telling/phases.ts';
import type { RecordLine } from './record-lines.ts';

type Kind =
  | 'number'
  | 'text'
  | 'text?'
  | 'number?'
  | 'flag'
  | 'phase'
  | 'phases?'
  | 'error'
  | 'error?'
  | 'made';
type Fields = Readonly<Record<string, Kind>>;

/** What is looked at while a run goes on; the rest of a line is for its report. */
const LINES: Readonly<Record<RecordLine['type'], Fields>> = {
  run: {
    ...{ version: 'number', runId: 'text', startedAt: 'text', executor: 'text', slots: 'number' },
    phases: 'phases?',
  },
  'phase-started': {
    at: 'number',
    phase: 'phase',
    total: 'number',
    tasks: 'number',
    bytes: 'number',
  },
  progress: { at: 'number', phase: 'phase', done: 'number', total: 'number' },
  'phase-ended': { at: 'number', phase: 'phase' },
  'task-started': {
    ...{ at: 'number', phase: 'phase', task: 'number', subject: 'text', part: 'number' },
    ...{ parts: 'number', worker: 'text', attempt: 'number', counts: 'number?' },
  },
  'task-ended': {
    ...{ at: 'number', phase: 'phase', task: 'number', subject: 'text', worker: 'text?' },
    ...{ attempt: 'number', error: 'error?', retried: 'flag', counts: 'number?' },
  },
  'input-failed': { at: 'number', input: 'text', error: 'error' },
  'product-failed': { at: 'number', product: 'text', tile: 'text', error: 'error' },
  warning: { at: 'number', message: 'text' },
  sample: { at: 'number', workers: 'number?', waiting: 'number' },
  end: { at: 'number', state: 'text', error: 'text?', made: 'made' },
};

/** @throws TypeError, saying what is wrong */
export function checkedLine(value: unknown): RecordLine {
  const line = objectOf(value, 'the line');
  const fields = Object.hasOwn(LINES, String(line['type']))
    ? LINES[line['type'] as RecordLine['type']]
    : undefined;
  if (fields === undefined) throw new TypeError('a line of no kind that is known');
  for (const [name, kind] of Object.entries(fields)) check(line[name], kind, name);
  return line as unknown as RecordLine;
}

function check(value: unknown, kind: Kind, name: string): void {
  if (kind.endsWith('?') && (value === null || value === undefined)) return;
  if (kind === 'error' || kind === 'error?') {
    check(objectOf(value, name)['message'], 'text', `${name}.message`);
  } else if (kind === 'made') checkMade(value);
  else if (!IS[kind.replace('?', '') as keyof typeof IS](value)) {
    throw new TypeError(`${name} is not of the kind ${kind}`);
  }
}

const IS = {
  number: Number.isFinite,
  text: (value: unknown) => typeof value === 'string',
  flag: (value: unknown) => typeof value === 'boolean',
  phase: isPhase,
  phases: (value: unknown) => Array.isArray(value) && value.every(isPhase),
};

function checkMade(value: unknown): void {
  if (value === null) return;
  const made = objectOf(value, 'made');
  const inputs = objectOf(made['inputs'], 'made.inputs');
  const tiles = objectOf(made['tiles'], 'made.tiles');
  const numbers = [
    ...['staged', 'unchanged', 'failed'].map((name) => inputs[name]),
    ...['new', 'changed', 'unchanged', 'removed', 'total'].map((name) => tiles[name]),
    ...['featuresRead', 'featuresStaged'].map((name) => made[name]),
  ];
  for (const counts of Object.values(made['validity'] ?? {})) {
    for (const entry of Object.values(objectOf(counts, 'made.validity'))) {
      numbers.push(objectOf(entry, 'made.validity')['count']);
    }
  }
  for (const number of numbers) check(number, 'number', 'made');
}

function objectOf(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new TypeError(`${name} is no object`);
}
