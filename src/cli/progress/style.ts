/** What a terminal can show: colours and characters. */

import { painter } from '../../insight/report/terminal/paint.ts';

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  green(text: string): string;
  marks: { done: string; running: string; toCome: string; failed: string };
  /** Just so many columns. */
  bar(share: number, columns: number): string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Whether to use colours. FORCE_COLOR decides, as in Node.js: 0 or false for none, anything else for
 * colours in files and pipes too. Then NO_COLOR, which any value but none sets; then what it goes to.
 */
export function wantsColor(isTerminal: boolean, environment: Environment): boolean {
  const forced = environment['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if ((environment['NO_COLOR'] ?? '') !== '') return false;
  return isTerminal && environment['TERM'] !== 'dumb';
}

/** For a terminal: colours if they are wanted; plain characters where the locale has no others. */
export function styleOf(environment: Environment): Style {
  const colors = wantsColor(true, environment);
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'];
  const unicode = locale === undefined || locale === '' || /utf-?8/i.test(locale);
  const [full, empty] = unicode ? ['█', '░'] : ['#', '-'];
  return {
    bold: painter('bold', colors),
    dim: painter('dim', colors),
    red: painter('red', colors),
    yellow: painter('yellow', colors),
    green: painter('green', colors),
    marks: unicode
      ? { done: '✓', running: '▸', toCome: '·', failed: '✗' }
      : { done: '*', running: '>', toCome: '.', failed: 'x' },
    bar: (share, columns) => {
      const filled = Math.floor(share * columns);
      return full.repeat(filled) + empty.repeat(Math.max(0, columns - filled));
    },
  };
}
