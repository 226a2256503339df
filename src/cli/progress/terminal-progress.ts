/** A run on a terminal: a block of lines that is redrawn in place, and what stays above it. */

import { readFileSync } from 'node:fs';
import type { WriteStream } from 'node:tty';
import { wrap } from '../../core/columns-of-text.ts';
import { printable } from '../../core/printable.ts';
import { RunProgressState } from '../../insight/progress/progress-state.ts';
import { WorkerNames } from '../../insight/progress/words.ts';
import type { RunEvent } from '../../staging/telling/events.ts';
import { styledWriter } from '../output.ts';
import { blockLines } from './block.ts';
import { type FailureText, FailureTexts } from './failure-text.ts';
import { LiveBlock } from './live-block.ts';
import { caughtOutput } from './output-guard.ts';
import { type Style, styleOf } from './style.ts';

const FRAME_MS = 100;
/** Without news: for the times. */
const TICK_MS = 1_000;
/** All is written anew so often, should something else have written between. */
const FRAMES_UNTIL_WHOLE = 10;
const ROWS_FOR_EMPTY_LINE = 8;
const DEADLY: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

export class TerminalProgress {
  readonly #state = new RunProgressState();
  readonly #names = new WorkerNames();
  readonly #failures = new FailureTexts(this.#names);
  readonly #style: Style;
  readonly #block: LiveBlock;
  readonly #stream: WriteStream;
  readonly #hidden: () => boolean;
  readonly #others: { release(): void };
  readonly #ticks: NodeJS.Timeout;
  readonly #deadly: readonly NodeJS.Signals[];
  #frame: NodeJS.Timeout | null = null;
  #framesUntilWhole = 0;
  #drawnAt = Number.NEGATIVE_INFINITY;
  /** The run's start, in milliseconds of this process's clock; null before the first event. */
  #start: number | null = null;
  #ended = false;

  /**
   * @param stream - a terminal
   * @param options - `environment`: variables, for NO_COLOR and the locale; `hidden`: whether
   *   drawing would disturb somebody now
   */
  constructor(
    stream: WriteStream,
    options: { environment?: NodeJS.ProcessEnv; hidden?: () => boolean } = {},
  ) {
    this.#stream = stream;
    this.#style = styleOf(options.environment ?? process.env);
    this.#hidden = options.hidden ?? inBackground;
    const write = styledWriter(stream);
    this.#block = new LiveBlock({
      write,
      get columns() {
        return stream.columns;
      },
      get rows() {
        return stream.rows;
      },
    });
    // What somebody else prints comes above the block, in place of into it.
    this.#others = caughtOutput([stream, process.stdout, process.stderr], (text) =>
      this.print(text),
    );
    this.#ticks = setInterval(() => this.#soon(), TICK_MS).unref();
    stream.on('resize', this.#onResize);
    process.on('SIGCONT', this.#onResize);
    process.on('SIGTSTP', this.#onStop);
    process.on('uncaughtExceptionMonitor', this.#onEnd);
    process.on('exit', this.#onEnd);
    // Those that would end the process without a word; whoever handles one sees to the end too.
    this.#deadly = DEADLY.filter((signal) => process.listenerCount(signal) === 0);
    for (const signal of this.#deadly) process.on(signal, this.#onDeath);
  }

  update(event: RunEvent): void {
    if (this.#ended) return;
    this.#start = performance.now() - event.at * 1000;
    this.#state.apply(event);
    if (event.type === 'task-started') this.#names.nameOf(event.worker);
    this.#printFailures(this.#failures.update(event));
    if (event.type === 'task-ended' && event.worker !== null) {
      if (event.error?.code === 'worker-died') this.#names.died(event.worker);
    }
    this.#soon();
  }

  print(text: string): void {
    this.#print(text, (line) => line);
  }

  #printFailures(failures: readonly FailureText[]): void {
    const { red, yellow } = this.#style;
    for (const { text, final } of failures) this.#print(text, final ? red : yellow);
  }

  #print(text: string, paint: (line: string) => string): void {
    const columns = Math.max(1, this.#block.size.columns - 1);
    const lines = text
      .replace(/\r?\n$/, '')
      .split(/\r?\n/)
      .flatMap((line) => wrap(printable(line.replaceAll('\t', '  ')), columns, '  '));
    this.#block.printAbove(lines.map(paint));
    if (!this.#ended) this.#draw();
  }

  /** Draws when the last frame is a tenth of a second ago. */
  #soon(): void {
    if (this.#ended) return;
    const wait = this.#drawnAt + FRAME_MS - performance.now();
    // Not left to a timer: tasks that run in this thread let none come.
    if (wait <= 0) this.#draw();
    else this.#frame ??= setTimeout(() => this.#draw(), wait).unref();
  }

  #draw(): void {
    this.#drawnAt = performance.now();
    if (this.#frame !== null) clearTimeout(this.#frame);
    this.#frame = null;
    if (this.#start === null) return;
    if (this.#hidden()) {
      this.#framesUntilWhole = 0;
      return;
    }
    const at = Math.max(this.#state.at, (performance.now() - this.#start) / 1000);
    const { columns, rows } = this.#block.size;
    // The cursor rests on an empty line: what somebody types, or prints past us, spoils nothing.
    const top = rows >= ROWS_FOR_EMPTY_LINE ? [''] : [];
    const size = { columns, rows: rows - top.length };
    const lines = [...top, ...blockLines(this.#state, this.#names, at, size, this.#style)];
    this.#block.draw(lines, this.#framesUntilWhole === 0);
    this.#framesUntilWhole =
      this.#framesUntilWhole === 0 ? FRAMES_UNTIL_WHOLE : this.#framesUntilWhole - 1;
  }

  readonly #onResize = (): void => {
    this.#framesUntilWhole = 0;
    this.#soon();
  };

  /** Ctrl-Z: the terminal is the shell's until the run goes on. */
  readonly #onStop = (): void => {
    this.#block.clear();
    process.off('SIGTSTP', this.#onStop);
    // Now with its usual effect: this call returns when the run goes on.
    process.kill(process.pid, 'SIGTSTP');
    process.on('SIGTSTP', this.#onStop);
    this.#onResize();
  };

  readonly #onEnd = (): void => this.end();

  readonly #onDeath = (signal: NodeJS.Signals): void => {
    this.end();
    process.kill(process.pid, signal);
  };

  /** Takes the block away; what was printed above it stays. */
  end(): void {
    if (this.#ended) return;
    this.#printFailures(this.#failures.end());
    this.#ended = true;
    clearInterval(this.#ticks);
    if (this.#frame !== null) clearTimeout(this.#frame);
    this.#stream.off('resize', this.#onResize);
    process.off('SIGCONT', this.#onResize);
    process.off('SIGTSTP', this.#onStop);
    process.off('uncaughtExceptionMonitor', this.#onEnd);
    process.off('exit', this.#onEnd);
    for (const signal of this.#deadly) process.off(signal, this.#onDeath);
    this.#block.clear();
    this.#others.release();
  }
}

/** Whether another process group has the terminal: drawing would spoil what it shows. */
function inBackground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [own, foreground] = [Number(fields[2]), Number(fields[5])];
    // −1: there is no terminal that it could be in the background of.
    return foreground > 0 && own !== foreground;
  } catch {
    // Not on Linux: there is no cheap way to know.
    return false;
  }
}
