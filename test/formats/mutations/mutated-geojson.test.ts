/** GeoJSON of which bytes are other ones: what JSON.parse and the plain reader take gives the same; all else an error by name. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Random } from '../../../src/core/random.ts';
import { type PlainFile, readPlainly } from '../geojson/geojson-plain-reader.ts';
import { joinTexts, randomTexts } from '../geojson/geojson-random.ts';
import { mutate } from './mutate.ts';
import { readMutations, type Sound } from './mutations.ts';
import { type FoundLayer, readInput } from './read-input.ts';

const TOKENS = (
  '{ } [ ] , : " \\ - 0 1e9 1E400 -0 null true NaN \\u0000 \\ud800 "type" "Feature" "features" "properties" "geometry" ' +
  '"coordinates" "Polygon" "id" "crs" {} [] [[ ]] ,, \x1e \0 \xff \xc0\x80 \xed\xa0\x80 \xef\xbb\xbf 18446744073709551616'
)
  .split(' ')
  .concat(' ', '\n')
  .map((token) => Buffer.from(token, 'latin1'));

/** A token in the place of another one, or a mutation as of any file. */
function mutateJson(random: Random, { bytes }: Sound): Buffer {
  if (random.integer(2) === 0) return mutate(random, bytes, []);
  let found = bytes;
  for (let n = random.integer(2); n >= 0; n--) {
    const at = random.integer(found.length);
    const end = at + random.integer(random.integer(3) === 0 ? 40 : 3);
    const token = TOKENS[random.integer(TOKENS.length)]!;
    found = Buffer.concat([found.subarray(0, at), token, found.subarray(end)]);
  }
  return found;
}

/** The JSON texts of a file, one after the other with space or RS between them. */
function textsOf(text: string): string[] {
  const texts: string[] = [];
  for (let at = 0; at < text.length; ) {
    if (text[at] === '\x1e' || /\s/.test(text[at]!)) {
      at++;
      continue;
    }
    const start = at;
    for (let depth = 0; at < text.length; ) {
      const c = text[at++]!;
      if (c === '"') {
        for (; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at++;
        at++;
      } else if (c === '{' || c === '[') depth++;
      else if ((c === '}' || c === ']') && --depth <= 0) break;
    }
    texts.push(text.slice(start, at));
  }
  return texts;
}

/** Which of two members of a name counts is not for a standard to tell (RFC 8259, section 4). */
function hasDuplicates(text: string): boolean {
  let members = 0;
  JSON.parse(text, (_, value: unknown) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      members += Object.keys(value).length;
    }
    return value;
  });
  return text.match(/"(?:[^"\\]|\\.)*"\s*(?=:)/gs)!.length !== members;
}

/** Null for what JSON.parse or the plain reader does not take. */
function plainly(bytes: Buffer): PlainFile | null {
  try {
    const texts = textsOf(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return texts.some(hasDuplicates) ? null : readPlainly(texts);
  } catch {
    return null;
  }
}

function difference(layer: FoundLayer, plain: PlainFile): string | null {
  if (layer.rowsRead !== plain.features.length) {
    return `${layer.rowsRead} features for ${plain.features.length}`;
  }
  const sure = plain.features.flatMap(({ reason, polygons, values }, i) => {
    const odd = values.some((value) => typeof value === 'bigint');
    return reason === null ? [{ position: i + 1, polygons, values, odd }] : [];
  });
  // An id of features is a column here.
  const ids = layer.columns.length - plain.columns.length;
  const rows = layer.rows.map(({ values, ...row }) => ({ ...row, values: values.slice(ids) }));
  try {
    assert.deepEqual(rows, sure);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

test('mutations of GeoJSON', async (t) => {
  let bytes: Buffer = Buffer.alloc(0);
  const counts = await readMutations<FoundLayer, PlainFile>(t, {
    format: 'GeoJSON, sequences and lines',
    sound(random) {
      const texts = randomTexts(random, 1 + random.integer(4));
      return [{ name: 'a.geojson', bytes: Buffer.from(joinTexts(random, texts)) }];
    },
    mutate(random, sound) {
      bytes = mutateJson(random, sound);
      return bytes;
    },
    read: async (path, random) => (await readInput(path, random)).get('a')!,
    second: () => plainly(bytes),
    difference,
  });
  assert.ok(counts.compared > 20 && counts.refused > 100, JSON.stringify(counts));
});
