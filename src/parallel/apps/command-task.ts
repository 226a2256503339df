/** What commands and their outputs are promised, for both ends of their way. */

/** A file for output. */
export interface OutputFile {
  path: string;
  /** Appends, or begins anew. */
  flags: 'a' | 'w';
}

/** Milliseconds from SIGTERM to SIGKILL. */
export const GRACE_MS = 3_000;

/** Where and with what a command is run. */
export interface CommandSurroundings {
  /** Name of the app. */
  app: string;
  /** Added to the worker's environment; null takes a variable out of it. */
  env: Readonly<Record<string, string | null>>;
  /** Null: the worker's. */
  cwd: string | null;
  /** Null: bash, else sh. */
  shell: string | null;
}

/** How a command is run: the options of a bash app, with everything decided. */
export interface CommandTask extends CommandSurroundings {
  /** Null: to the output of the worker, or captured. */
  stdout: OutputFile | null;
  stderr: OutputFile | null;
  capture: 'text' | 'bytes' | null;
  timeLimitMs: number | null;
  successCodes: readonly number[];
  /** Paths that are to be there afterwards. */
  outputs: readonly string[];
}

/** The result of a bash app with `capture`; empty for what has gone to a file. */
export interface CapturedOutput<T extends string | Uint8Array = string> {
  exitCode: number;
  stdout: T;
  stderr: T;
}
