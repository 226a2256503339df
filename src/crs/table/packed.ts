/**
 * The table of CRSs as the package has it, in one file: a line of text, then each of its parts,
 * compressed on its own, so that only what is asked for is decompressed. The line is
 * `Tilewright CRS table 1`, and `name=bytes` of each part, in their order.
 */

import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

const MAGIC = 'Tilewright CRS table 1';

/** @param parts - texts by name; names have no spaces and no `=` */
export function packTable(parts: ReadonlyMap<string, string>): Buffer {
  const bodies = [...parts].map(([name, text]) => {
    const params = {
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      // A tenth of the time of the last two, for a fifth more.
      [constants.BROTLI_PARAM_QUALITY]: 9,
      [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
    };
    return [name, brotliCompressSync(text, { params })] as const;
  });
  const sizes = bodies.map(([name, body]) => ` ${name}=${body.length}`).join('');
  return Buffer.concat([Buffer.from(`${MAGIC}${sizes}\n`), ...bodies.map(([, body]) => body)]);
}

/** Finds a part's text in what `packTable` made. @throws Error for another file, or one cut short */
export function unpackPart(file: Buffer, wanted: string): string {
  const end = file.indexOf('\n');
  const line = file.toString('utf8', 0, Math.max(0, end));
  if (!line.startsWith(`${MAGIC} `)) throw new Error('This is no table of CRSs');
  let at = end + 1;
  for (const entry of line.slice(MAGIC.length + 1).split(' ')) {
    const [name, size] = entry.split('=');
    const next = at + Number(size);
    if (name === wanted) return brotliDecompressSync(file.subarray(at, next)).toString();
    at = next;
  }
  throw new Error(`The table of CRSs has no ${wanted}`);
}
