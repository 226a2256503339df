/** A data page that is open: levels and values, some at a time. */

import { ParquetFault, REWRITE, unsupported } from '../fault.ts';
import { DATA_PAGE_V2, type PageHeader } from '../pages.ts';
import type { Leaf } from '../schema.ts';
import { joinByteStreams } from './byte-stream-split.ts';
import { deltaIntegers, deltaLengths, deltaTexts } from './delta.ts';
import { BitPackedDecoder, HybridDecoder } from './hybrid.ts';
import { dictionaryDecoder, plainDecoder, runBooleans } from './plain.ts';
import type { ValueDecoder, Vector } from './vector.ts';

const ENCODINGS: readonly string[] = [
  ...['PLAIN', 'GROUP_VAR_INT', 'PLAIN_DICTIONARY', 'RLE', 'BIT_PACKED', 'DELTA_BINARY_PACKED'],
  ...['DELTA_LENGTH_BYTE_ARRAY', 'DELTA_BYTE_ARRAY', 'RLE_DICTIONARY', 'BYTE_STREAM_SPLIT'],
];
const [RLE, BIT_PACKED] = [3, 4];

type Levels = HybridDecoder | BitPackedDecoder;

/**
 * @param bytes - the page, decompressed: bytes[at, end)
 * @param dictionary - of the chunk, null if it has none
 */
export function openPage(
  leaf: Leaf,
  header: PageHeader,
  bytes: Uint8Array,
  at: number,
  end: number,
  dictionary: Vector | null,
): OpenPage {
  const { maxRepetition, maxDefinition } = leaf;
  let repetition: Levels | null = null;
  let definition: Levels | null = null;
  if (header.kind === DATA_PAGE_V2) {
    const { repetitionBytes, definitionBytes } = header;
    // Beside compressed values, levels stay where they were.
    const levels = header.levels ?? { bytes, at };
    const middle = levels.at + repetitionBytes;
    const behind = middle + definitionBytes;
    if (maxRepetition > 0) {
      repetition = new HybridDecoder(levels.bytes, levels.at, middle, bitsOf(maxRepetition));
    }
    if (maxDefinition > 0) {
      definition = new HybridDecoder(levels.bytes, middle, behind, bitsOf(maxDefinition));
    }
    if (header.levels === null) at = behind;
  } else {
    const take = (encoding: number, most: number): Levels | null => {
      if (most === 0) return null;
      const width = bitsOf(most);
      if (encoding === BIT_PACKED) {
        const start = at;
        at += Math.ceil((header.values * width) / 8);
        if (at > end) throw new ParquetFault('has a page that ends in its levels');
        return new BitPackedDecoder(bytes, start, at, width);
      }
      if (encoding !== RLE) throw unsupported(`has levels in encoding ${encoding}`, REWRITE);
      if (at + 4 > end) throw new ParquetFault('has a page that ends in its levels');
      const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
      const start = at + 4;
      if (length > end - start) throw new ParquetFault('has a page that ends in its levels');
      at = start + length;
      return new HybridDecoder(bytes, start, at, width);
    };
    repetition = take(header.repetitionEncoding, maxRepetition);
    definition = take(header.definitionEncoding, maxDefinition);
  }
  const values = valuesOf(leaf, header.encoding, bytes, at, end, dictionary);
  return new OpenPage(leaf, repetition, definition, values);
}

function bitsOf(level: number): number {
  return 32 - Math.clz32(level);
}

function valuesOf(
  leaf: Leaf,
  encoding: number,
  bytes: Uint8Array,
  at: number,
  end: number,
  dictionary: Vector | null,
): ValueDecoder {
  const { type } = leaf;
  const isInteger = type === 'INT32' || type === 'INT64';
  const isBytes = type === 'BYTE_ARRAY';
  switch (ENCODINGS[encoding]) {
    case 'PLAIN':
      return plainDecoder(leaf, bytes, at, end);
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
      if (dictionary === null) throw new ParquetFault('lacks its dictionary');
      return dictionaryDecoder(dictionary, bytes, at, end);
    case 'RLE':
      if (type === 'BOOLEAN') return runBooleans(bytes, at, end);
      break;
    case 'DELTA_BINARY_PACKED':
      if (isInteger) return later(() => deltaIntegers(leaf, bytes, at, end));
      break;
    case 'DELTA_LENGTH_BYTE_ARRAY':
      if (isBytes) return later(() => deltaLengths(bytes, at, end));
      break;
    case 'DELTA_BYTE_ARRAY':
      if (isBytes || leaf.length > 0) return later(() => deltaTexts(leaf, bytes, at, end));
      break;
    case 'BYTE_STREAM_SPLIT':
      if (isBytes || type === 'BOOLEAN') break;
      {
        const joined = joinByteStreams(leaf, bytes, at, end);
        return plainDecoder(leaf, joined, 0, joined.length);
      }
  }
  const name = ENCODINGS[encoding] ?? `encoding ${encoding}`;
  throw unsupported(`has values of ${type} in ${name}`, REWRITE);
}

/** Made when the first value is asked for: a page of nulls alone may have no byte of values. */
function later(make: () => ValueDecoder): ValueDecoder {
  let decoder: ValueDecoder | null = null;
  return {
    read(into, count) {
      decoder ??= make();
      decoder.read(into, count);
    },
  };
}

export class OpenPage {
  readonly #leaf: Leaf;
  readonly #repetition: Levels | null;
  readonly #definition: Levels | null;
  readonly #values: ValueDecoder;

  constructor(
    leaf: Leaf,
    repetition: Levels | null,
    definition: Levels | null,
    values: ValueDecoder,
  ) {
    this.#leaf = leaf;
    this.#repetition = repetition;
    this.#definition = definition;
    this.#values = values;
  }

  /** Fills the vector with the next `count` entries. */
  read(into: Vector, count: number): void {
    const { maxDefinition, maxRepetition } = this.#leaf;
    into.count = count;
    if (this.#repetition !== null) {
      this.#repetition.read(into.repetition, count);
      checkLevels(into.repetition, count, maxRepetition);
    }
    into.isFull = true;
    let values = count;
    if (this.#definition !== null) {
      const level = this.#definition.constant(count);
      if (level !== maxDefinition) {
        const { definition } = into;
        if (level >= 0) definition.fill(level, 0, count);
        else this.#definition.read(definition, count);
        checkLevels(definition, count, maxDefinition);
        values = 0;
        for (let i = 0; i < count; i++) if (definition[i] === maxDefinition) values++;
        into.isFull = values === count;
      }
    }
    if (values > 0) this.#values.read(into, values);
    if (values < count) into.spread(values);
  }
}

function checkLevels(levels: Uint8Array, count: number, most: number): void {
  for (let i = 0; i < count; i++) {
    if (levels[i]! > most) throw new ParquetFault(`has a level ${levels[i]} above ${most}`);
  }
}
