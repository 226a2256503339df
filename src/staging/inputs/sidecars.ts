/** Extensions of inputs, and of the files that belong to them. */

/** Extensions of the formats that can be staged, in lower case. */
export const INPUT_EXTENSIONS: readonly string[] = ['.gpkg', '.shp'];

/** Files that are read with an input, by the end of their names, and the extension of that input. */
const PARTS: readonly (readonly [end: string, input: string])[] = [
  ...['.shp.xml', '.dbf', '.shx', '.prj', '.qpj', '.cpg', '.qix', '.sbn', '.sbx'].map(
    (end) => [end, '.shp'] as const,
  ),
  ...['.gpkg-wal', '.gpkg-shm', '.gpkg-journal'].map((end) => [end, '.gpkg'] as const),
];

/** Styles, metadata and indexes beside a file, which hold no features, and the file's extension. */
const COMPANIONS: readonly (readonly [end: string, main: string])[] = [
  ...['.qml', '.qmd', '.sld'].flatMap((end) =>
    INPUT_EXTENSIONS.map((input) => [end, input] as const),
  ),
  ...['.atx', '.ain', '.aih', '.fbn', '.fbx', '.ixs', '.mxs'].map((end) => [end, '.shp'] as const),
  ['.gpkg.aux.xml', '.gpkg'],
  ...['.dat', '.map', '.id', '.ind'].map((end) => [end, '.tab'] as const),
  ['.mid', '.mif'],
  ...['.xsd', '.gfs'].map((end) => [end, '.gml'] as const),
];

/** Path of the input that this file is read with; null if it is no part of one. */
export function inputOfPart(path: string): string | null {
  const lower = path.toLowerCase();
  const part = PARTS.find(([end]) => lower.endsWith(end));
  return part === undefined ? null : path.slice(0, -part[0].length) + part[1];
}

/**
 * Whether a file belongs to another one of its folder.
 * @param lower - its name in lower case
 * @param names - those of all files of the folder, in lower case
 */
export function isSidecar(lower: string, names: ReadonlySet<string>): boolean {
  return [...PARTS, ...COMPANIONS].some(
    ([end, main]) => lower.endsWith(end) && names.has(lower.slice(0, -end.length) + main),
  );
}
