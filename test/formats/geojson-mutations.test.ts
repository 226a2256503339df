/** GeoJSON of which bytes are other ones: what JSON.parse and the plain reader take gives the same; all else an error by name. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TilewrightError } from '../../src/core/errors.ts';
import { Random } from '../../src/core/random.ts';
import { GeoJsonSource } from '../../src/formats/geojson/source.ts';
import { rounds, seedOf } from '../soak/rounds.ts';
import { temporaryFolder } from '../staging/support.ts';
import { type Contents, readSlices } from './contract-reading.ts';
import { type PlainFile, readPlainly } from './geojson-plain-reader.ts';
import { randomTexts } from './geojson-random.ts';

const CODES = /^input-(corrupt|truncated|format|encoding|empty|columns)$/;
const TOKENS = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '-',
  '0',
  '1e9',
  'null',
  ' ',
  '\n',
  '\x1e',
  '\0',
  '\xff',
];

function mutated(random: Random, sound: Buffer): Buffer {
  const at = random.integer(sound.length);
  const end = at + random.integer(random.integer(3) === 0 ? 40 : 2);
  switch (random.integer(5)) {
    case 0:
      return sound.subarray(0, at);
    case 1:
      return Buffer.concat([sound.subarray(0, at), sound.subarray(end)]);
    case 2:
      return Buffer.concat([sound.subarray(0, end), sound.subarray(at)]);
    case 3: {
      const other = Buffer.from(sound);
      other[at]! ^= 1 << random.integer(8);
      return other;
    }
    default: {
      const token = Buffer.from(TOKENS[random.integer(TOKENS.length)]!, 'latin1');
      return Buffer.concat([sound.subarray(0, at), token, sound.subarray(end)]);
    }
  }
}

/** Null for what JSON.parse or the plain reader does not take. */
function plainly(bytes: Buffer): PlainFile | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const { type } = JSON.parse(text);
    return type === 'FeatureCollection' ? readPlainly([text]) : null;
  } catch {
    return null;
  }
}

test('mutations of GeoJSON', async (t) => {
  const path = join(temporaryFolder(t), 'a.geojson');
  const outcomes = { same: 0, refused: 0, lenient: 0 };
  for (let n = 0; n < rounds(12, 250); n++) {
    const random = new Random(seedOf(500 + n));
    const texts = randomTexts(random, 2 + random.integer(4));
    const sound = Buffer.from(texts[0]!);
    for (let k = 0; k < 60; k++) {
      const bytes = mutated(random, sound);
      writeFileSync(path, bytes);
      const what = `seed ${seedOf(500 + n)}, mutation ${k}`;
      const plain = plainly(bytes);
      let found: Contents | null = null;
      try {
        const source = new GeoJsonSource(path);
        try {
          source.layers();
          found = await readSlices(source);
        } finally {
          source.close();
        }
      } catch (error) {
        assert.ok(error instanceof TilewrightError, `${what}: ${(error as Error).stack}`);
        assert.match(error.code, CODES, what);
        assert.ok(error.message.includes(path), what);
      }
      if (found === null) {
        outcomes.refused++;
        continue;
      }
      if (plain === null) {
        outcomes.lenient++;
        continue;
      }
      outcomes.same++;
      const sure = plain.features.filter(({ reason }) => reason === null);
      assert.deepEqual(
        found.rows.map(({ polygons }) => polygons),
        sure.map(({ polygons }) => polygons),
        what,
      );
      assert.equal(found.rowsRead, plain.features.length, what);
    }
  }
  t.diagnostic(JSON.stringify(outcomes));
  assert.ok(outcomes.same > 60 && outcomes.refused > 200);
});
