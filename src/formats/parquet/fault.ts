/** What is wrong in a Parquet file, said where neither file nor column is known. */

import { type ErrorCode, TilewrightError } from '../../core/errors.ts';

/** Becomes a TilewrightError by `named`. */
export class ParquetFault extends Error {
  readonly code: ErrorCode;

  /** @param message - follows the name of a file or a column: `has a page of 7 bytes` */
  constructor(message: string, code: ErrorCode = 'input-corrupt') {
    super(message);
    this.code = code;
  }
}

/** What a file has that is not read here; `advice` says how it becomes readable. */
export function unsupported(what: string, advice: string): ParquetFault {
  return new ParquetFault(`${what}, which is not read here. ${advice}`, 'input-format');
}

/** How whatever is not read here is written anew. */
export const REWRITE =
  'Write it anew with other settings, for example by DuckDB: ' +
  "COPY (FROM 'FILE') TO 'NEW.parquet' (COMPRESSION zstd)";

/**
 * The error for what was thrown while something of a file was read.
 * @param subject - begins the message: path, and what of the file
 */
export function named(error: unknown, subject: string, input: string, feature?: number): unknown {
  if (!(error instanceof ParquetFault)) return error;
  const damage = error.code === 'input-corrupt' ? '. Copy or download it again' : '';
  return new TilewrightError(error.code, `${subject} ${error.message}${damage}`, {
    input,
    feature,
    cause: error,
  });
}
