/** Checked access to the fields of a JSON object of a TileMatrixSet. */

import { TilewrightError } from '../core/errors.ts';

export class JsonFields {
  readonly #json: Record<string, unknown>;
  /** What messages call the object, e.g. `tile matrix "3" of the TileMatrixSet X`. */
  readonly where: string;

  constructor(json: unknown, where: string) {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      throw new TilewrightError('tms-invalid', `Invalid ${where}: it is not a JSON object.`);
    }
    this.#json = json as Record<string, unknown>;
    this.where = where;
  }

  /** The same object under another name. */
  named(where: string): JsonFields {
    return new JsonFields(this.#json, where);
  }

  has(field: string): boolean {
    return this.#json[field] !== undefined && this.#json[field] !== null;
  }

  value(field: string): unknown {
    return this.#json[field];
  }

  /** @throws always: TilewrightError that names the object, the field and its value */
  fail(field: string, wanted: string): never {
    const value = this.#json[field];
    const text = value === undefined ? 'missing' : excerpt(JSON.stringify(value));
    throw new TilewrightError(
      'tms-invalid',
      `Invalid ${this.where}: ${field} is ${text}, but must be ${wanted}.`,
    );
  }

  text(field: string): string {
    const value = this.#json[field];
    if (typeof value !== 'string' || value === '') this.fail(field, 'a text that is not empty');
    return value;
  }

  /** A finite number above 0. */
  positive(field: string): number {
    const value = this.#json[field];
    if (typeof value !== 'number' || !(value > 0 && value < Number.POSITIVE_INFINITY)) {
      this.fail(field, 'a number above 0');
    }
    return value;
  }

  /** An integer, min ≤ value ≤ max. */
  integer(field: string, min: number, max: number): number {
    const value = this.#json[field];
    if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
      this.fail(field, `an integer from ${min} to ${max}`);
    }
    return value as number;
  }

  /** Two finite numbers. */
  pair(field: string): [number, number] {
    const value = this.#json[field];
    if (!Array.isArray(value) || value.length !== 2 || !value.every(Number.isFinite)) {
      this.fail(field, 'an array of two numbers');
    }
    return [value[0], value[1]];
  }

  array(field: string): unknown[] {
    const value = this.#json[field];
    if (!Array.isArray(value) || value.length === 0) this.fail(field, 'an array that is not empty');
    return value;
  }
}

function excerpt(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
