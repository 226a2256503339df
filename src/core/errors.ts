/**
 * The one error type of the project. It says what failed, where (input, feature, tile), whether
 * trying again can help, and survives the trip from a worker as plain JSON.
 */

import { type SystemCause, systemCause } from './system-causes.ts';

/** What went wrong, as a stable word for programs; the message is for people. */
export type ErrorCode =
  | 'usage'
  | 'config-invalid'
  | 'config-differs'
  | 'input-missing'
  | 'input-empty'
  | 'input-unreadable'
  | 'input-format'
  | 'input-truncated'
  | 'input-corrupt'
  | 'input-encoding'
  | 'input-layer'
  | 'input-columns'
  | 'input-selection'
  | 'input-name'
  | 'input-dropped'
  | 'input-invalid'
  | 'input-name-taken'
  | 'property-exists'
  | 'footprint-missing'
  | 'footprint-unusable'
  | 'crs-missing'
  | 'crs-unknown'
  | 'crs-ballpark'
  | 'crs-grid'
  | 'tms-unknown'
  | 'tms-invalid'
  | 'output-unwritable'
  | 'disk-full'
  | 'disk-fault'
  | 'system-limit'
  | 'staged-folder'
  | 'tiles-foreign'
  | 'tile-damaged'
  | 'product-failed'
  | 'interrupted'
  | 'task-arguments'
  | 'task-unknown'
  | 'task-failed'
  | 'task-timeout'
  | 'task-cancelled'
  | 'dependency-failed'
  | 'worker-died'
  | 'block-failed'
  | 'scheduler'
  | 'queue'
  | 'internal';

/** What an error is about, as far as it is known. */
export interface ErrorDetails {
  /** Name or path of the input that failed. */
  input?: string | undefined;
  /** Position of the feature in its input (GeoPackage fid, shapefile record number). */
  feature?: number | undefined;
  /** Tile as `z/x/y`. */
  tile?: string | undefined;
  /** Whether the same task may succeed when it is tried again. */
  retryable?: boolean | undefined;
  cause?: unknown;
}

/** An error as JSON, as reports and answers of workers have it. */
export interface ErrorJson extends Omit<ErrorDetails, 'cause'> {
  code: ErrorCode;
  message: string;
  stack?: string | undefined;
  cause?: string | undefined;
}

/**
 * The error that everything here throws. Programs go by `code`; `message` tells people what to do.
 */
export class TilewrightError extends Error {
  override readonly name = 'TilewrightError';
  readonly code: ErrorCode;
  readonly input: string | undefined;
  readonly feature: number | undefined;
  readonly tile: string | undefined;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.input = details.input;
    this.feature = details.feature;
    this.tile = details.tile;
    this.retryable = details.retryable ?? false;
  }

  toJSON(): ErrorJson {
    return {
      code: this.code,
      message: this.message,
      input: this.input,
      feature: this.feature,
      tile: this.tile,
      retryable: this.retryable,
      stack: this.stack,
      cause: this.cause === undefined ? undefined : String(this.cause),
    };
  }

  static fromJSON(json: ErrorJson): TilewrightError {
    const error = new TilewrightError(json.code, json.message, json);
    if (json.stack !== undefined) error.stack = json.stack;
    return error;
  }
}

/**
 * Any thrown value as a TilewrightError. What the system refuses is named (system-causes.ts); what
 * is not known is `internal`. A foreign error may say by a property `retryable` that trying again
 * can help.
 * @param fallback - code for errors that are neither ours nor of a kind that has a code of its own
 */
export function toTilewrightError(
  error: unknown,
  details: ErrorDetails = {},
  fallback: ErrorCode = 'internal',
): TilewrightError {
  if (error instanceof TilewrightError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const { retryable } = (error ?? {}) as { retryable?: unknown };
  const merged = { ...details, ...(retryable === true && { retryable }), cause: error };
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  const cause = systemCause(code, syscall);
  if (cause === null) return new TilewrightError(fallback, message, merged);
  return new TilewrightError(
    codeOf(cause, details.input !== undefined, fallback),
    `${cause.says}: ${message}${cause.advice === '' ? '' : `. ${cause.advice}`}`,
    merged,
  );
}

/** A fault of the input's own disk is the input's; what holds for the whole machine is not. */
function codeOf({ about }: SystemCause, ofInput: boolean, fallback: ErrorCode): ErrorCode {
  if (about === 'disk-full' || about === 'system-limit' || about === 'usage') return about;
  if (about === 'absent' && ofInput) return 'input-missing';
  if (ofInput) return 'input-unreadable';
  if (about === 'disk-fault') return about;
  return about === 'denied' || fallback === 'internal' ? 'output-unwritable' : fallback;
}
