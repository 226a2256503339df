/** The package's version. */

import { readFileSync } from 'node:fs';

export function packageVersion(): string {
  // The source and the compiled package are both two folders below.
  const manifest = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
