/** Options of `tilewright estimate`, and how their texts are read. */

import type { Config } from '../../staging/configuration/config.ts';

export interface EstimateCommand {
  command: 'estimate';
  inputs: string[];
  config: Config;
  /** Undefined for the usual ones. */
  workers: number[] | undefined;
  files: number[] | undefined;
  json: boolean;
}

/** Options of `stage` that change what it costs. */
const SHARED: readonly string[] = `
  out tms z format pack simplify-tolerance input-crs override-crs
  layer keep-primary-key where bbox bbox-crs columns drop-columns ext executor config`
  .trim()
  .split(/\s+/);

const OWN = [
  {
    name: 'workers',
    argument: 'N,N…',
    description: 'Numbers of workers to estimate for, besides one.',
    default: '1, 2, 4 … up to the cores, and twice as many',
  },
  {
    name: 'files',
    argument: 'N,N…',
    description: 'Numbers of files of the same kind to estimate for.',
    default: '100,1000',
  },
];

/** @param stage - the options of `stage` */
export function estimateOptions<T extends { name: string }>(stage: readonly T[]) {
  const shared = stage.filter(({ name }) => SHARED.includes(name));
  const standard = 'staged in the current folder';
  return [
    ...OWN,
    ...shared.map((option) => (option.name === 'out' ? { ...option, default: standard } : option)),
  ];
}

/**
 * @param given - texts of the options
 * @param usage - makes the error for a wrong command line
 * @returns with `rest`, the options that are those of `stage`
 */
export function estimateValues(
  given: ReadonlyMap<string, string[]>,
  usage: (message: string) => Error,
): Pick<EstimateCommand, 'workers' | 'files'> & { rest: Map<string, string[]> } {
  const rest = new Map([...given].filter(([name]) => SHARED.includes(name)));
  const numbers = (name: string): number[] | undefined => {
    const texts = given.get(name)?.flatMap((text) => text.split(','));
    return texts?.map((text) => {
      const number = Number(text);
      if (/^\s*\d+\s*$/.test(text) && number >= 1 && Number.isSafeInteger(number)) return number;
      throw usage(`--${name} must be whole numbers ≥ 1, as in 1,2,4, not "${given.get(name)}".`);
    });
  };
  return { workers: numbers('workers'), files: numbers('files'), rest };
}
