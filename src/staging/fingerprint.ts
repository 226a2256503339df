/** What tells whether an input has changed: size and time of its files. */

import { statSync } from 'node:fs';

/** Files that belong to an input, by what is put in place of its extension. */
const SIDECARS = ['.shx', '.SHX', '.dbf', '.DBF', '.prj', '.PRJ', '.cpg', '.CPG'];

/** Size and time of the file and of those that belong to it. */
export function fingerprintOf(path: string): string {
  const stem = path.replace(/\.[^./\\]*$/, '');
  const files = /\.shp$/i.test(path) ? SIDECARS.map((end) => stem + end) : [`${path}-wal`];
  return [path, ...files]
    .map((file) => statSync(file, { bigint: true, throwIfNoEntry: false }))
    .map((stat) => (stat === undefined ? '-' : `${stat.size}:${stat.mtimeNs}`))
    .join(' ');
}
