/** Colours of a terminal. They repeat what marks and words say already. */

import type { State } from '../activity.ts';

export interface Paint {
  bold: (text: string) => string;
  dim: (text: string) => string;
  /** The one accent. */
  accent: (text: string) => string;
  bad: (text: string) => string;
  state: (state: State, text: string) => string;
}

const STATE_CODES: Readonly<Record<State, string>> = {
  computing: '34',
  core: '33',
  blocked: '35',
  unknown: '36',
  idle: '2',
};

export const STATE_MARKS: Readonly<Record<State, string>> = {
  computing: '█',
  core: '▓',
  blocked: '▒',
  unknown: '▚',
  idle: '·',
};

export function paint(color: boolean): Paint {
  const code =
    (codes: string) =>
    (text: string): string =>
      color && text !== '' ? `\u001b[${codes}m${text}\u001b[0m` : text;
  return {
    bold: code('1'),
    dim: code('2'),
    accent: code('34'),
    bad: code('31'),
    state: (state, text) => code(STATE_CODES[state])(text),
  };
}
