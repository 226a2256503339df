/** Reader of PROJ's gie files: operations with pairs of coordinates that they must yield. */

import { readFileSync } from 'node:fs';

export interface GieCheck {
  line: number;
  direction: 'forward' | 'inverse';
  /** Metres. */
  tolerance: number;
  accept: [number, number];
  /** Null when the operation must fail. */
  expect: [number, number] | null;
  /** Metres within which there and back must end at the start; null if not asked. */
  roundtrip: number | null;
}

export interface GieOperation {
  line: number;
  /** The PROJ string as written. */
  text: string;
  checks: GieCheck[];
  /** Whether the operation itself must be refused. */
  fails: boolean;
}

const UNITS: Readonly<Record<string, number>> = { m: 1, cm: 1e-2, mm: 1e-3, um: 1e-6, nm: 1e-9 };

export function readGie(path: string): GieOperation[] {
  const operations: GieOperation[] = [];
  let operation: GieOperation | null = null;
  let direction: GieCheck['direction'] = 'forward';
  let tolerance = 5e-4;
  let accept: [number, number] | null = null;
  let inside = false;
  let continues = false;
  for (const [index, raw] of readFileSync(path, 'utf8').split('\n').entries()) {
    const text = raw.replace(/#.*$/, '').trim();
    if (/^<\/?gie(-strict)?>$/.test(text)) inside = !text.startsWith('</');
    if (!inside || text === '' || /^[-=<]/.test(text)) continue;
    const [, keyword = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(text)!;
    const line = index + 1;
    if (operation !== null && (continues || text.startsWith('+'))) {
      operation.text += ` ${text.replace(/\\$/, '')}`;
      continues = text.endsWith('\\');
    } else if (keyword === 'operation') {
      operation = { line, text: rest.replace(/\\$/, ''), checks: [], fails: false };
      operations.push(operation);
      direction = 'forward';
      tolerance = 5e-4;
      accept = null;
      continues = text.endsWith('\\');
    } else if (keyword === 'direction') direction = rest as GieCheck['direction'];
    else if (keyword === 'tolerance') tolerance = lengthOf(rest);
    else if (keyword === 'accept') accept = pair(rest);
    else if (keyword === 'expect' && operation !== null) {
      if (accept === null) operation.fails ||= rest.startsWith('failure');
      else {
        const expect = rest.startsWith('failure') ? null : pair(rest);
        // Degrees, minutes and seconds are cs2cs's business.
        if ([...accept, ...(expect ?? [])].some(Number.isNaN)) continue;
        operation.checks.push({ line, direction, tolerance, accept, expect, roundtrip: null });
      }
    } else if (keyword === 'roundtrip') {
      const check = operation?.checks.at(-1);
      const [, given] = /^\d+\s+(\S.*)$/.exec(rest) ?? [];
      if (check !== undefined) check.roundtrip = given === undefined ? tolerance : lengthOf(given);
    }
  }
  return operations;
}

function pair(text: string): [number, number] {
  const [x, y] = text.split(/\s+/);
  return [Number(x), Number(y)];
}

function lengthOf(text: string): number {
  const [, number, unit = 'm'] = /^([\d.eE+-]+?)\s*([a-z]*)$/.exec(text)!;
  return Number(number) * (UNITS[unit === '' ? 'm' : unit] ?? Number.NaN);
}
