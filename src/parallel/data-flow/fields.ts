/** Parts of results, for futures of them. */

import { TilewrightError } from '../../core/errors.ts';

/**
 * @param of - whose result it is
 * @throws TilewrightError task-failed if there is no such field
 */
export function fieldOf(of: string, result: unknown, name: unknown): unknown {
  if (typeof result !== 'object' || result === null) throw missing(of, name, kindOf(result));
  if (result instanceof Map) {
    if (!result.has(name)) throw missing(of, name, listed([...result.keys()]));
    return result.get(name);
  }
  // Not what objects inherit.
  if (!Object.hasOwn(result, name as PropertyKey)) {
    throw missing(of, name, listed(Object.keys(result)));
  }
  return (result as Record<PropertyKey, unknown>)[name as PropertyKey];
}

/** @throws TilewrightError task-failed if there is no such element */
export function elementOf(of: string, result: unknown, index: number): unknown {
  const isList = Array.isArray(result) || (ArrayBuffer.isView(result) && 'length' in result);
  if (!isList) throw missing(of, index, kindOf(result));
  const { length } = result as unknown[];
  const place = index < 0 ? length + index : index;
  if (Number.isInteger(place) && place >= 0 && place < length) return (result as unknown[])[place];
  throw missing(of, index, `an array of ${length}`);
}

function missing(of: string, name: unknown, is: string): TilewrightError {
  return new TilewrightError(
    'task-failed',
    `The result of ${of} has no ${String(name)}: it is ${is}`,
  );
}

function listed(keys: unknown[]): string {
  if (keys.length === 0) return 'empty';
  const more = keys.length > 10 ? ', …' : '';
  return `an object of ${keys.slice(0, 10).map(String).join(', ')}${more}`;
}

function kindOf(result: unknown): string {
  if (result === null || result === undefined) return String(result);
  if (Array.isArray(result)) return 'an array';
  return typeof result === 'object' ? 'an object' : `a ${typeof result}`;
}
