/** A parsed condition and the columns of a layer: which is which, and whether their types go together. */

import type { Column, ColumnType } from '../../core/columns.ts';
import { columnAdvice, findColumn } from './column-names.ts';
import type { Comparison, Condition, Literal, Operand } from './condition.ts';
import { momentOfText } from './moments.ts';
import type { Syntax, Value } from './parse.ts';

/** Types that can be compared with each other. */
type Kind = 'number' | 'text' | 'moment' | 'blob' | 'null';

const KINDS: Readonly<Record<ColumnType, Kind>> = {
  ...{ boolean: 'number', integer: 'number', real: 'number', text: 'text' },
  ...{ date: 'moment', datetime: 'moment', blob: 'blob' },
};

/** What a layer has that conditions ask for. */
export interface BoundLayer {
  readonly columns: readonly Column[];
  readonly key: string | null;
}

/** @throws Error with a sentence about what is wrong */
export function bindCondition(syntax: Syntax, layer: BoundLayer): Condition {
  switch (syntax.is) {
    case 'and':
    case 'or':
      return { is: syntax.is, of: syntax.of.map((each) => bindCondition(each, layer)) };
    case 'not':
      return { is: 'not', of: bindCondition(syntax.of, layer) };
    case 'null':
      return { is: 'null', left: operandOf(syntax.left, layer) };
    case 'like': {
      const kind = kindOf(syntax.left, layer);
      const isMoment = syntax.left.is === 'literal' && kind === 'moment';
      if (kind === 'number' || kind === 'blob' || isMoment) {
        throw new Error(`LIKE is for texts, and ${nameOf(syntax.left, layer)} is none.`);
      }
      const { is, pattern, escapedBy, ignoreCase } = syntax;
      return { is, left: operandOf(syntax.left, layer), pattern, escapedBy, ignoreCase };
    }
    case 'in': {
      const moments = syntax.list.some((value) => compareAs(syntax.left, value, layer));
      const list = syntax.list.map((value) => literalOf(value, moments));
      return { is: 'in', left: leftOf(syntax.left, moments, layer), list, moments };
    }
    case 'column':
    case 'literal':
      return { is: 'true', left: truthOf(syntax, layer) };
    default:
      return compare(syntax.is, syntax.left, syntax.right, layer);
  }
}

function compare(is: Comparison, left: Value, right: Value, layer: BoundLayer): Condition {
  const moments = compareAs(left, right, layer);
  return {
    is,
    left: leftOf(left, moments, layer),
    right: leftOf(right, moments, layer),
    moments,
  };
}

/** Whether two values are compared as moments. @throws Error if they can't be compared */
function compareAs(left: Value, right: Value, layer: BoundLayer): boolean {
  const [a, b] = [kindOf(left, layer), kindOf(right, layer)];
  for (const [kind, value] of [
    [a, left],
    [b, right],
  ] as const) {
    if (kind !== 'blob') continue;
    throw new Error(
      `${nameOf(value, layer)} can't be compared; IS NULL and IS NOT NULL can be asked.`,
    );
  }
  if (a === 'null' || b === 'null') return false;
  if (a === b) return a === 'moment';
  if (a !== 'number' && b !== 'number') return true;
  const [number, other] = a === 'number' ? [left, right] : [right, left];
  const isQuoted =
    other.is === 'literal' && other.type === 'text' && !Number.isNaN(Number(other.value));
  const advice = isQuoted
    ? ' Write the number without quotes.'
    : number.is === 'literal' && other.is === 'column'
      ? ' Write it in single quotes.'
      : '';
  throw new Error(
    `${nameOf(left, layer)} can't be compared with ${nameOf(right, layer)}.${advice}`,
  );
}

function kindOf(value: Value, layer: BoundLayer): Kind {
  if (value.is === 'column') return KINDS[layer.columns[columnOf(value, layer)]!.type];
  return value.type === 'boolean' ? 'number' : value.type;
}

function leftOf(value: Value, moments: boolean, layer: BoundLayer): Operand {
  return value.is === 'column' ? operandOf(value, layer) : literalOf(value, moments);
}

function operandOf(value: Value, layer: BoundLayer): Operand {
  return value.is === 'column' ? { column: columnOf(value, layer) } : literalOf(value, false);
}

/** @throws Error for a text that is to be a moment and is none */
function literalOf(value: Value, moments: boolean): Literal {
  if (value.is === 'column') throw new Error('A column is no literal.');
  if (!moments || value.type !== 'text') return { value: value.value };
  const moment = momentOfText(String(value.value));
  if (!Number.isNaN(moment)) return { value: moment };
  throw new Error(
    `'${value.value}' is compared with a date, and is none such as '2024-12-31' or '2024-12-31T23:59:59Z'.`,
  );
}

/** @throws Error if it is neither true nor false by itself */
function truthOf(value: Value, layer: BoundLayer): Operand {
  if (value.is === 'column' && layer.columns[columnOf(value, layer)]!.type !== 'boolean') {
    throw new Error(`${nameOf(value, layer)} alone is no condition: compare it.`);
  }
  return operandOf(value, layer);
}

/** @throws Error for a name that no column has */
function columnOf(value: Value & { is: 'column' }, layer: BoundLayer): number {
  const { name, quoted } = value;
  const found = findColumn(layer.columns, name);
  if (found >= 0) return found;
  if (layer.key?.toLowerCase() === name.toLowerCase()) {
    throw new Error(
      `The column ${layer.key} numbers the rows: it becomes an attribute with --keep-primary-key (keepPrimaryKey).`,
    );
  }
  const advice = columnAdvice(layer.columns, name);
  const quotes = quoted && advice === '' ? " A text goes in 'single quotes'." : '';
  throw new Error(`There is no column ${name}.${advice}${quotes}`);
}

function nameOf(value: Value, layer: BoundLayer): string {
  if (value.is === 'column') {
    const { name, type } = layer.columns[columnOf(value, layer)]!;
    return `${name} (${type})`;
  }
  if (value.type === 'moment') return 'a date';
  return value.type === 'text' ? `the text '${value.value}'` : `the ${value.type} ${value.value}`;
}
