/** What is told of a command that has failed. */

import { constants } from 'node:os';

/** How a command has ended. */
export interface CommandEnd {
  /** Null if a signal ended it. */
  exitCode: number | null;
  signal: string | null;
}

/** A command that ended with an exit code of failure, or by a signal. */
export class BashExitFailure extends Error implements CommandEnd {
  override readonly name = 'BashExitFailure';
  /** Name of the app. */
  readonly app: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The text for the shell, or the words. */
  readonly command: string | readonly string[];
  /** The end of what it wrote to its standard error, 2 KiB at the most. */
  readonly stderr: string;

  constructor(
    app: string,
    { exitCode, signal }: CommandEnd,
    command: string | readonly string[],
    stderr: string,
  ) {
    const said = stderr.trim();
    super(
      `${app}: ${describeEnd({ exitCode, signal })}, of the command ${shortened(command)}` +
        `${said === '' ? '' : `. It said: ${said}`}`,
    );
    this.app = app;
    this.exitCode = exitCode;
    this.signal = signal;
    this.command = command;
    this.stderr = stderr;
  }
}

const signals = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** A shell says by codes of its own what has happened to the program that it was to run. */
function describeEnd({ exitCode, signal }: CommandEnd): string {
  if (signal !== null) return `ended by ${signal}${hint(signal)}`;
  const code = `exit code ${exitCode}`;
  if (exitCode === 126) return `${code} (not executable)`;
  if (exitCode === 127) return `${code} (command not found)`;
  const inner = signals.get((exitCode ?? 0) - 128);
  return inner === undefined
    ? code
    : `${code} (a process of it was ended by ${inner}${hint(inner)})`;
}

function hint(signal: string): string {
  return signal === 'SIGKILL' ? ', as a system does that is out of memory' : '';
}

/** For messages. */
export function shortened(command: string | readonly string[]): string {
  const text = typeof command === 'string' ? command.trim() : command.join(' ');
  return text.length <= 300 ? text : `${text.slice(0, 300)} …`;
}
