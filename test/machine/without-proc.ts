/** Loaded before a program: Linux's /proc and /sys are not there, as on other systems. */

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

type Reader = (path: unknown, ...rest: unknown[]) => unknown;

const readers = fs as unknown as Record<string, Reader>;
const isAbsent = (path: unknown): boolean => /^\/(proc|sys)(\/|$)/.test(String(path));

function absent(path: unknown): Error {
  return Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), {
    code: 'ENOENT',
    path,
  });
}

for (const name of ['readFileSync', 'readdirSync', 'readlinkSync', 'openSync', 'realpathSync']) {
  const real = readers[name]!;
  const reader: Reader = (path, ...rest) => {
    if (isAbsent(path)) throw absent(path);
    return real(path, ...rest);
  };
  readers[name] = Object.assign(reader, real);
}
for (const name of ['statSync', 'lstatSync', 'existsSync']) {
  const real = readers[name]!;
  readers[name] = (path, options, ...rest) => {
    if (!isAbsent(path)) return real(path, options, ...rest);
    if (name === 'existsSync') return false;
    if ((options as fs.StatSyncOptions | undefined)?.throwIfNoEntry === false) return undefined;
    throw absent(path);
  };
}
syncBuiltinESMExports();
