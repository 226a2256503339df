/**
 * Options of the Python pipeline that are none of staging's: what becomes of one that a configuration
 * file has nevertheless.
 */

/** Options that Tilewright does not have. A file may have them switched off. */
export const PYTHON_ONLY: readonly string[] = `
  dir_geotiff dir_web_tiles dir_3dtiles ext_web_tiles tile_size statistics
  filename_rasterization_events filename_rasters_summary filename_config z_coord geometricError`
  .trim()
  .split(/\s+/);

const DESCRIBES = 'it describes the dataset, and staged tiles have no place for that';
const LATER = 'it is about a later step, which other programs do with the staged tiles';
const OVERWRITE =
  'rows of inputs that have changed are replaced, and nothing else is; force stages all anew';

/** Options that change nothing in what is staged, and why. */
export const PASSED_OVER: Readonly<Record<string, string>> = {
  version: DESCRIBES,
  title: DESCRIBES,
  doi: DESCRIBES,
  overwrite: OVERWRITE,
  enable_stager: 'this is the stager',
  enable_raster: LATER,
  enable_raster_parents: LATER,
  enable_web_tiles: LATER,
  enable_web_tiles_parents: LATER,
  enable_3dtiles: LATER,
  generate_wmtsCapabilities: LATER,
};

const isText = (key: string): boolean => PASSED_OVER[key] === DESCRIBES;

/**
 * What becomes of an option that is no key of the schema: `off` asks for nothing, `passed over` would
 * be noted, and anything else is a problem in words. Null for one that is not known at all.
 */
export function pythonOption(
  key: string,
  value: unknown,
): 'off' | 'passed over' | { problem: string } | null {
  const passed = Object.keys(PASSED_OVER).find((name) => isSame(name, key));
  if (passed !== undefined) {
    if (value === null) return 'off';
    if (isText(passed)) return 'passed over';
    if (typeof value !== 'boolean') return { problem: `${key} must be true or false.` };
    if (passed !== 'enable_stager') return value ? 'passed over' : 'off';
    if (value) return 'off';
    return { problem: `${key} is false, and staging is all that is done here: remove it.` };
  }
  const known = PYTHON_ONLY.find((name) => isSame(name, key));
  if (known === key && isOff(value)) return 'off';
  if (known === undefined) return null;
  const problem = `${key} is an option of the Python pipeline that is not supported here yet: remove it.`;
  return { problem };
}

/** A sentence for each reason, with the options that it is the reason for. */
export function passedOverNotes(keys: readonly string[]): string[] {
  const byReason = Map.groupBy(keys, (key) => {
    return PASSED_OVER[Object.keys(PASSED_OVER).find((name) => isSame(name, key))!]!;
  });
  return [...byReason].map(([why, some]) => `${some.join(', ')}: passed over, since ${why}`);
}

function isOff(value: unknown): boolean {
  if (value === null || value === false || value === '') return true;
  return Array.isArray(value) && value.length === 0;
}

function isSame(name: string, key: string): boolean {
  return name === key || name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()) === key;
}
