/** Failures in words, as they are printed when they happen. */

import { subjectText, type WorkerNames } from '../../insight/progress/words.ts';
import type { RunEvent } from '../../staging/telling/events.ts';
import { phaseOf } from '../../staging/telling/phases.ts';
import { hanging } from '../output.ts';
import { kindOf, Repeats, type Told } from './repeats.ts';

/** A failure to print. */
export interface FailureText {
  text: string;
  /** Whether it is the end of an input or product; else it is tried again. */
  final: boolean;
}

interface Kind {
  final: boolean;
  noun: 'inputs' | 'products' | 'tasks';
  /** The first of them, if it is told. */
  first: string | null;
  held: Repeats;
}

/**
 * Tells each kind of failure once. What fails in a phase that takes long is told at once, and how
 * often it was repeated at the phase's end; what fails in others, at the end of those.
 */
export class FailureTexts {
  readonly #names: WorkerNames;
  readonly #kinds = new Map<string, Kind>();
  #atOnce = false;

  constructor(names: WorkerNames) {
    this.#names = names;
  }

  /** What there is to print after this event. */
  update(event: RunEvent): FailureText[] {
    if (event.type === 'phase-started') {
      this.#atOnce = phaseOf(event.phase).work === 'tasks';
      return this.end();
    }
    if (event.type === 'phase-ended' || event.type === 'run-ended') {
      this.#atOnce = false;
      return this.end();
    }
    const told = this.#told(event);
    if (told === null) return [];
    const { final, noun } = told;
    const key = `${noun} ${kindOf(told)}`;
    const kind = this.#kinds.get(key) ?? { final, noun, first: null, held: new Repeats() };
    this.#kinds.set(key, kind);
    if (!this.#atOnce || kind.first !== null) {
      kind.held.add(told);
      return [];
    }
    kind.first = told.name;
    return [{ text: label(final) + told.text, final }];
  }

  /** What has not been told yet. */
  end(): FailureText[] {
    const texts: FailureText[] = [];
    for (const kind of this.#kinds.values()) {
      const { final, noun, first, held } = kind;
      if (held.count === 0) continue;
      const lines =
        first === null || held.count <= 2
          ? held.lines(noun)
          : [`${held.count.toLocaleString('en')} more ${noun}, like ${first}: ${held.list}`];
      texts.push(...lines.map((text) => ({ text: label(final) + text, final })));
      kind.first ??= held.names[0]!;
      kind.held = new Repeats();
    }
    return texts;
  }

  /**
   * Null if the event is no failure, or if another event tells of it: an attempt that is not tried
   * again fails its input or the run.
   */
  #told(event: RunEvent): (Told & Pick<Kind, 'final' | 'noun'>) | null {
    if (event.type === 'input-failed') {
      const { input, error } = event;
      const text = hanging(inputFailure(input, error));
      return { name: input, aliases: [error.input], text, final: true, noun: 'inputs' };
    }
    if (event.type === 'product-failed') {
      const { product, tile, error } = event;
      const name = `${product} ${tile}`;
      const text = `${name}: ${hanging(error.message)}`;
      return { name, aliases: [error.tile], text, final: true, noun: 'products' };
    }
    if (event.type !== 'task-ended' || event.error === null || !event.retried) return null;
    const { worker, attempt, error, subject } = event;
    const where = worker === null ? '' : ` on ${this.#names.nameOf(worker)}`;
    const name = subjectText(event);
    const text = `${name}, attempt ${attempt}${where}: ${hanging(error.message)}`;
    return { name, aliases: [subject, where], text, final: false, noun: 'tasks' };
  }
}

function label(final: boolean): string {
  return final ? 'failed: ' : 'tried again: ';
}

/** Most messages name the input themselves. */
export function inputFailure(input: string, error: { message: string }): string {
  return error.message.includes(input) ? error.message : `${input}: ${error.message}`;
}
