/** What input formats promise of files that are damaged. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import { test } from 'node:test';
import { TilewrightError } from '../../../src/core/errors.ts';
import { Random } from '../../../src/core/random.ts';
import { temporaryFolder } from '../../staging/support.ts';
import type { ContractEntry, Described } from './contract-inputs.ts';
import { expected, readSlices, withSource } from './contract-reading.ts';

/** Codes of errors about what is in a file. */
const DAMAGE = ['input-corrupt', 'input-truncated', 'input-format', 'input-empty', 'input-layer'];
const OTHER_DAMAGE = ['input-unreadable', 'input-encoding', 'crs-unknown'];

export function testDamage(
  entry: ContractEntry,
  described: (seed: number, count: number) => Described,
): void {
  const { format, write } = entry;
  test('of a damaged file come rows that are accounted for, or an error with a name', async (t) => {
    const folder = temporaryFolder(t);
    const input = described(12, 60);
    const path = write(folder, 'a', input);
    const whole = expected(input);
    const random = new Random(13);
    const stem = path.slice(0, -extname(path).length);
    const files = [
      path,
      ...format.sidecars.flatMap(({ end, appended }) => (appended ? [] : stem + end)),
    ];
    let failed = 0;
    let read = 0;
    /** An estimate of a damaged file is a box, none, or an error that has a name. */
    const estimate = async (what: string): Promise<void> => {
      try {
        await withSource(path, async (source, { name }) => {
          await source.extents?.(name, await source.slices(name, 1000));
        });
      } catch (error) {
        assert.ok(error instanceof TilewrightError, `${what}: ${(error as Error).stack}`);
      }
    };
    /** Null for an error. */
    const outcome = async (what: string) => {
      await estimate(what);
      try {
        const found = await withSource(path, (source) => readSlices(source));
        read++;
        return found;
      } catch (error) {
        failed++;
        assert.ok(error instanceof TilewrightError, `${what}: ${(error as Error).stack}`);
        assert.ok([...DAMAGE, ...OTHER_DAMAGE].includes(error.code), `${what}: ${error.code}`);
        assert.equal(error.input, path, what);
        assert.ok(error.message.includes(dirname(path)), what);
        return null;
      }
    };
    for (const file of files) {
      let sound: Buffer;
      try {
        sound = readFileSync(file);
      } catch {
        continue;
      }
      for (let n = 0; n < 40; n++) {
        const length = n === 0 ? sound.length - 1 : random.integer(sound.length);
        writeFileSync(file, sound.subarray(0, length));
        const found = await outcome(`${file} cut to ${length}`);
        // Of the main file, nothing that is missing goes unsaid.
        if (found !== null && file === path) assert.deepEqual(found.rows, whole.rows);
      }
      for (let n = 0; n < 120; n++) {
        const bytes = Buffer.from(sound);
        for (let k = random.integer(3); k >= 0; k--) {
          const at = random.integer(random.integer(2) === 0 ? 200 : bytes.length) % bytes.length;
          bytes[at] =
            random.integer(2) === 0 ? random.integer(256) : bytes[at]! ^ (1 << random.integer(8));
        }
        writeFileSync(file, bytes);
        const found = await outcome(`${file} with other bytes, ${n}`);
        if (found === null) continue;
        const dropped = Object.values(found.drops).reduce((sum, { count }) => sum + count, 0);
        assert.equal(found.rows.length + dropped, found.rowsRead);
        assert.ok(
          found.rows.every(({ position }, i) => i === 0 || position > found.rows[i - 1]!.position),
        );
      }
      writeFileSync(file, sound);
    }
    // A checksum leaves few that are read; of JSON next to no byte may be another.
    assert.ok(failed > 50 && read > 5, `${failed} failed, ${read} were read`);
    assert.deepEqual((await withSource(path, (source) => readSlices(source))).rows, whole.rows);
  });
}
