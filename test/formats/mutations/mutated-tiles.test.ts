/**
 * Staged tiles and packs of which bytes are other ones: the same rows, or an error by name; where their checksums are
 * made right again, as somebody would who means harm, rows or an error by name.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { Random } from '../../../src/core/random.ts';
import { flatGeobufNumbers } from './flatgeobuf-numbers.ts';
import { mutate, type Place } from './mutate.ts';
import { readMutations, type Sound } from './mutations.ts';
import { parquetNumbers } from './parquet-files.ts';
import { STAGED_CASES } from './staged-files.ts';

const CODES = /^(staged-folder|input-(corrupt|truncated|format|empty|columns|encoding))$/;
const NUMBERS = [
  '0',
  '1',
  '-1',
  '1e15',
  '9007199254740993',
  '4294967296',
  '1e999',
  'null',
  '"a"',
  '[]',
  '255',
];

/** Another number in the JSON that tells of a file. */
function otherJson(random: Random, bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  const at = text.lastIndexOf('"version":');
  const numbers = [...text.slice(Math.max(at, 0)).matchAll(/(?<=[[,:])-?\d[\d.e+]*(?=[,\]}])/g)];
  const hit = numbers[random.integer(Math.max(1, numbers.length))];
  if (at < 0 || hit === undefined) return bytes;
  const other = NUMBERS[random.integer(NUMBERS.length)]!;
  const start = at + hit.index;
  return Buffer.from(text.slice(0, start) + other + text.slice(start + hit[0].length), 'latin1');
}

function numbersOf(extension: string, bytes: Buffer): Place[] {
  if (extension === '.parquet') return parquetNumbers(bytes);
  return extension === '.fgb' ? flatGeobufNumbers(bytes) : [];
}

for (const { name, extension, hasChecksum, write, read, second, reseal } of STAGED_CASES) {
  test(`mutations of ${name}`, async (t) => {
    let isResealed = false;
    const counts = await readMutations<string[], string[]>(t, {
      format: name,
      sound(random, folder) {
        const bytes = write(`${folder}/made${extension}`, random);
        return [{ name: `895${extension}`, bytes, places: numbersOf(extension, bytes) }];
      },
      mutate(random, { bytes, places = [] }: Sound) {
        isResealed = reseal !== undefined && random.integer(2) === 0;
        const isJson = isResealed && random.integer(3) === 0;
        const mutated = isJson ? otherJson(random, bytes) : mutate(random, bytes, places);
        return isResealed ? reseal!(mutated) : mutated;
      },
      read,
      codes: CODES,
      // By checksums there are the rows of the sound file, or none.
      second: (path, _, whole) => second?.(path) ?? (hasChecksum && !isResealed ? whole : null),
      difference(found, answer) {
        // For SQLite NaN is NULL.
        const own = found.map((row) => row.replaceAll('"NaN"', 'null'));
        const theirs = answer.map((row) => row.replaceAll('"NaN"', 'null'));
        if (isDeepStrictEqual(own, theirs)) return null;
        const i = theirs.findIndex((row, k) => row !== own[k]);
        return `${found.length} rows for ${answer.length}; ${i}: ${found[i]} for ${answer[i]}`;
      },
    });
    assert.ok(counts.read > 30 && counts.refused > 50, JSON.stringify(counts));
  });
}
