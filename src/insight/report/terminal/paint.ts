/** Colours of a terminal. They repeat what marks and words say already. */

import { styleText } from 'node:util';
import type { State } from '../activity.ts';

type Format = Parameters<typeof styleText>[0];
type Painter = (text: string) => string;

export interface Paint {
  bold: Painter;
  dim: Painter;
  /** The one accent. */
  accent: Painter;
  bad: Painter;
  state: (state: State, text: string) => string;
}

const STATE_FORMATS: Readonly<Record<State, Format>> = {
  computing: 'blue',
  core: 'yellow',
  blocked: 'magenta',
  unknown: 'cyan',
  idle: 'dim',
};

export const STATE_MARKS: Readonly<Record<State, string>> = {
  computing: '█',
  core: '▓',
  blocked: '▒',
  unknown: '▚',
  idle: '·',
};

export function paint(color: boolean): Paint {
  return {
    bold: painter('bold', color),
    dim: painter('dim', color),
    accent: painter('blue', color),
    bad: painter('red', color),
    state: (state, text) => painter(STATE_FORMATS[state], color)(text),
  };
}

/** Whether there are to be colours is known before: nothing is asked of streams and variables here. */
export function painter(format: Format, color: boolean): Painter {
  const options = { validateStream: false };
  return (text) => (color && text !== '' ? styleText(format, text, options) : text);
}
