/**
 * Options of executors, providers and kernels, checked when they are given: a value that nothing can
 * be done with would otherwise be a task that waits for ever. A table has a rule for every option, so
 * that one without a rule doesn't compile, and a key without one is refused.
 */

import { TilewrightError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';

/** What a value has to be, in words and as a test. */
export interface OptionRule {
  says: string;
  holds(value: unknown): boolean;
}

/** A rule for each option. */
export type OptionRules<T> = Readonly<Record<keyof T, OptionRule>>;

/**
 * Checks options against a rule for each. What is undefined counts as not given.
 * @param label - of whom the options are, for messages
 * @throws TilewrightError config-invalid
 */
export function checkOptions<T extends object>(
  label: string,
  options: T,
  rules: OptionRules<T>,
): void {
  if (typeof options !== 'object' || options === null) {
    throw invalidOptions(label, `they must be an object, not ${shown(options)}`);
  }
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const rule = Object.hasOwn(rules, key) ? rules[key as keyof T] : undefined;
    if (rule === undefined) {
      const known = Object.keys(rules);
      const meant = didYouMean(key, known) || ` There are ${known.sort().join(', ')}`;
      throw invalidOptions(label, `there is no option ${key}.${meant}`);
    }
    if (rule.holds(value)) continue;
    throw invalidOptions(label, `${key} must be ${rule.says}, not ${shown(value)}`);
  }
}

export function invalidOptions(label: string, reason: string): TilewrightError {
  return new TilewrightError('config-invalid', `The options of ${label} are not valid: ${reason}`);
}

/** A whole number; both ends belong to the range. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): OptionRule {
  const range = max === Number.MAX_SAFE_INTEGER ? `≥ ${min}` : `from ${min} to ${max}`;
  return {
    says: `a whole number ${range}`,
    holds: (value) =>
      Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max,
  };
}

/** A finite number above 0, of this unit. */
export function positive(unit = ''): OptionRule {
  return {
    says: `a number${unit && ` of ${unit}`} above 0`,
    holds: (value) => Number.isFinite(value) && (value as number) > 0,
  };
}

/** A finite number of this unit; both ends belong to the range. */
export function numberFrom(min: number, max = Number.MAX_VALUE, unit = ''): OptionRule {
  const range = max === Number.MAX_VALUE ? `≥ ${min}` : `from ${min} to ${max}`;
  return {
    says: `a number${unit && ` of ${unit}`} ${range}`,
    holds: (value) =>
      Number.isFinite(value) && (value as number) >= min && (value as number) <= max,
  };
}

/** Seconds that a timer can wait for: up to 24 days. */
export function seconds(min = 0): OptionRule {
  return numberFrom(min, 2_000_000, 'seconds');
}

export const finite: OptionRule = {
  says: 'a finite number',
  holds: (value) => Number.isFinite(value),
};

/** Milliseconds, also more than a timer of the system can wait for (time-limit.ts). */
export function milliseconds(min: 0 | 'above 0' = 0): OptionRule {
  const range = min === 0 ? '≥ 0' : 'above 0';
  return {
    says: `a number of milliseconds ${range}, or Infinity`,
    holds: (value) => typeof value === 'number' && (min === 0 ? value >= 0 : value > 0),
  };
}

export function oneOf(...words: readonly unknown[]): OptionRule {
  return {
    says: words.map((word) => shown(word)).join(' or '),
    holds: (value) => words.includes(value),
  };
}

/** An object that has these methods. */
export function having(what: string, ...methods: readonly string[]): OptionRule {
  return {
    says: `${what}, with ${methods.join(', ')}`,
    holds: (value) =>
      typeof value === 'object' &&
      value !== null &&
      methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function'),
  };
}

export function listOf(what: string, holds: (item: unknown) => boolean): OptionRule {
  return {
    says: `an array of ${what}`,
    holds: (value) => Array.isArray(value) && value.every(holds),
  };
}

export const flag: OptionRule = {
  says: 'true or false',
  holds: (value) => typeof value === 'boolean',
};

/** Text, which may be empty; a null character would end it for everybody else. */
export const text: OptionRule = {
  says: 'text without a null character',
  holds: (value) => typeof value === 'string' && !value.includes('\0'),
};

/** Text that says something. */
export const word: OptionRule = {
  says: 'text that is not empty',
  holds: (value) => text.holds(value) && value !== '',
};

export const aFunction: OptionRule = {
  says: 'a function',
  holds: (value) => typeof value === 'function',
};

/** Options within an option: what is wrong among them says so itself. */
export function table<T extends object>(label: string, rules: OptionRules<T>): OptionRule {
  return {
    says: 'an object',
    holds: (value) => {
      checkOptions(label, value as T, rules);
      return true;
    },
  };
}

/** A table of names and texts. */
export const textTable: OptionRule = {
  says: 'an object whose values are text',
  holds: (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((one) => text.holds(one)),
};

export const aRegistry: OptionRule = having('a Registry', 'locate', 'modules');

/** A value in a message: short, and as it would be written. */
function shown(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return `a ${value.constructor?.name ?? 'object'}`;
  }
  const said = typeof value === 'string' || Array.isArray(value) ? JSON.stringify(value) : null;
  return (said ?? String(value)).slice(0, 200);
}
