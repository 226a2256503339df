/**
 * Reads many mutations of sound files. Each gives rows that are accounted for, or an error that has a name, within
 * bounds of time and memory; what a second reader takes too, are the same rows.
 */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { TilewrightError } from '../../../src/core/errors.ts';
import { Random } from '../../../src/core/random.ts';
import { rounds, seedOf } from '../../soak/rounds.ts';
import { largestAllocation } from './memory.ts';
import { mutate, type Place } from './mutate.ts';

/** A sound file that is mutated. */
export interface Sound {
  /** The main one is the first of a list. */
  name: string;
  bytes: Buffer;
  places?: readonly Place[];
}

export interface Subject<Found, Answer> {
  /** As counts name it. */
  format: string;
  /** Files of one input. */
  sound(random: Random, folder: string): Sound[] | Promise<Sound[]>;
  /** What is read; asserts what holds of it alone. @throws TilewrightError */
  read(path: string, random: Random): Found | Promise<Found>;
  /** What a second reader says; null for what it refuses. @param whole - what was read of the sound file */
  second?(path: string, found: Found, whole: Found): Answer | null | Promise<Answer | null>;
  /** What is not the same, in words. @param whole - what was read of the sound file */
  difference?(found: Found, answer: Answer, whole: Found): string | null;
  /** Codes of errors; default: what readers of inputs throw for what is in a file. */
  codes?: RegExp;
  /** Where more is known than `mutate` does. */
  mutate?(random: Random, sound: Sound): Buffer;
}

const CODES = /^(input-(corrupt|truncated|format|encoding|empty|columns|layer)|crs-unknown)$/;
/** MUTATIONS: how many instead, for a short look at a suite. */
const COUNT = Number(process.env['MUTATIONS'] ?? rounds(400, 100_000));
const PER_SOUND = COUNT > 1_000 ? 100 : 20;
/** Of a reader for a file of some kilobytes, far from what a number of such a file can say. */
const MOST_BYTES = 1 << 26;
/** By which memory may grow through those of a sound file. */
const MOST_KIBIBYTES = 1 << 19;
/** Of the processor, for all of a sound file: next to all take less than 500. */
const MOST_MS = 30_000;
const MOST_FAULTS = 10;

export interface Counts {
  refused: number;
  read: number;
  /** Read by the second reader, too. */
  compared: number;
}

/** Reads the mutations of a seed; its faults are thrown together, with the files. */
export async function readMutations<Found, Answer>(
  t: TestContext,
  subject: Subject<Found, Answer>,
): Promise<Counts> {
  const { format } = subject;
  const memory = '/dev/shm';
  const folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'tilewright-mutations-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const counts: Counts = { refused: 0, read: 0, compared: 0 };
  const codes = new Map<string, number>();
  const faults = new Map<string, string>();
  const first = seedOf(1);
  let usage = process.resourceUsage();
  let sound: Sound[] = [];
  /** The one that is not as it was. */
  let dirty: Sound | null = null;
  let whole: Found | undefined;
  for (let n = 0; n < COUNT && faults.size < MOST_FAULTS; n++) {
    const [seed, k] = [first + Math.floor(n / PER_SOUND), n % PER_SOUND];
    if (k === 0) {
      const now = process.resourceUsage();
      const ms = (now.userCPUTime - usage.userCPUTime) / 1000;
      assert.ok(ms < MOST_MS, `those of seed ${seed - 1} took ${ms} ms`);
      const grown = now.maxRSS - usage.maxRSS;
      assert.ok(
        n === 0 || grown < MOST_KIBIBYTES,
        `by seed ${seed - 1} memory grew by ${grown} KiB`,
      );
      usage = now;
      for (const { name } of sound) rmSync(join(folder, name), { force: true });
      sound = await subject.sound(new Random(seed), folder);
      for (const { name, bytes } of sound) writeFileSync(join(folder, name), bytes);
      dirty = null;
      whole = await subject.read(join(folder, sound[0]!.name), new Random(seed));
    }
    // A generator for each, so that one can be made again alone.
    const random = new Random(1000 * seed + k);
    const which = random.integer(2) === 0 ? 0 : random.integer(sound.length);
    const { name, bytes, places = [] } = sound[which]!;
    const mutated = subject.mutate?.(random, sound[which]!) ?? mutate(random, bytes, places);
    if (dirty !== null && dirty.name !== name) writeFileSync(join(folder, dirty.name), dirty.bytes);
    dirty = sound[which]!;
    writeFileSync(join(folder, name), mutated);
    try {
      await readOne(subject, join(folder, sound[0]!.name), whole!, random, counts, codes);
    } catch (error) {
      const fault = (error as Error).message.slice(0, 2_000);
      // Of each kind one.
      const kind = fault.replaceAll(/\d+/g, '0').slice(0, 120);
      if (!faults.has(kind)) {
        const kept = mkdtempSync(join(tmpdir(), `tilewright-mutation-${seed}-${k}-`));
        mkdirSync(kept, { recursive: true });
        for (const [i, one] of sound.entries()) {
          writeFileSync(join(kept, one.name), i === which ? mutated : one.bytes);
        }
        faults.set(kind, `seed ${seed}, mutation ${k} of ${name}, kept in ${kept}: ${fault}`);
      }
    }
  }
  const { refused, read, compared } = counts;
  const byCode = [...codes].sort((a, b) => b[1] - a[1]).map(([code, many]) => `${code} ${many}`);
  t.diagnostic(
    `${refused + read} mutations of ${format}: ${read} read, ${compared} of them by a second reader too; ` +
      `${refused} refused (${byCode.join(', ')})`,
  );
  assert.equal(faults.size, 0, [...faults.values()].join('\n\n'));
  return counts;
}

async function readOne<Found, Answer>(
  subject: Subject<Found, Answer>,
  path: string,
  whole: Found,
  random: Random,
  counts: Counts,
  codes: Map<string, number>,
): Promise<void> {
  largestAllocation();
  let found: Found | undefined;
  try {
    found = await subject.read(path, random);
    counts.read++;
  } catch (error) {
    if (!(error instanceof TilewrightError)) throw new Error((error as Error).stack);
    const { code, message } = error;
    assert.match(code, subject.codes ?? CODES, message);
    assert.ok(message.includes(dirname(path)), message);
    codes.set(code, (codes.get(code) ?? 0) + 1);
    counts.refused++;
  }
  const bytes = largestAllocation();
  assert.ok(bytes <= MOST_BYTES, `${bytes} bytes were asked for at once`);
  if (found === undefined || subject.second === undefined) return;
  const answer = await subject.second(path, found, whole);
  if (answer === null) return;
  const difference = subject.difference!(found, answer, whole);
  assert.ok(difference === null, difference ?? '');
  counts.compared++;
}
