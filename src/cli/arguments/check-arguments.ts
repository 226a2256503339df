/** Options of `tilewright check`. */

import type { Config } from '../../staging/configuration/config.ts';
import type { Option } from './option.ts';

export interface CheckCommand {
  command: 'check';
  inputs: string[];
  config: Config;
  duplicates: boolean;
  json: boolean;
}

/** Options of `stage` that say what is read, and what becomes of it. */
const SHARED: readonly string[] = `
  tms z simplify-tolerance invalid input-crs override-crs grids allow-ballpark layer keep-primary-key
  where bbox bbox-crs columns drop-columns ext format pack workers memory executor config
`
  .trim()
  .split(/\s+/);

/** @param stage - the options of `stage` */
export function checkOptions(stage: readonly Option[]): Option[] {
  return [
    ...stage.filter(({ name }) => SHARED.includes(name)),
    {
      name: 'duplicates',
      description:
        'Count features of different inputs that overlap; for that all is staged into a temporary folder.',
    },
  ];
}
