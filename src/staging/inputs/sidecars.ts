/** Which files belong to another one, by their names. */

import { inputExtensions, inputFormats } from '../../formats/input-formats.ts';

/** Styles and metadata that programs write beside any input. */
const STYLES = ['.qml', '.qmd', '.sld'];

/** Files that belong to one of a format that is not read, by the ends of both. */
const OTHERS: readonly (readonly [end: string, main: string])[] = [
  ...['.dat', '.map', '.id', '.ind'].map((end) => [end, '.tab'] as const),
  ['.mid', '.mif'],
  ...['.xsd', '.gfs'].map((end) => [end, '.gml'] as const),
];

/** Ends of names of what belongs to inputs of one format, and those inputs' extension. */
function parts(): [end: string, main: string][] {
  return inputFormats().flatMap(({ extensions, sidecars, companions }) =>
    extensions.flatMap((main) => {
      const read = sidecars.map(({ end, appended }) => (appended ? main + end : end));
      return [...read, ...companions].map((end): [string, string] => [end, main]);
    }),
  );
}

/** Path of the input that this file belongs to; null if it belongs to none. */
export function inputOfPart(path: string): string | null {
  const lower = path.toLowerCase();
  const part = parts().find(([end]) => lower.endsWith(end));
  return part === undefined ? null : path.slice(0, -part[0].length) + part[1];
}

/**
 * What tells whether a file belongs to another one of its folder.
 * @returns takes its name in lower case, and those of all files of the folder, in lower case
 */
export function sidecarTest(): (lower: string, names: ReadonlySet<string>) => boolean {
  const styles = inputExtensions().flatMap((main) => STYLES.map((end) => [end, main] as const));
  const all = [...parts(), ...styles, ...OTHERS];
  return (lower, names) =>
    all.some(([end, main]) => lower.endsWith(end) && names.has(lower.slice(0, -end.length) + main));
}
