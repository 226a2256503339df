/** Lists, maps and structures, put together from the levels of their leaves, as JSON text. */

import { ColumnReader } from '../column-reader.ts';
import { ParquetFault } from '../fault.ts';
import type { ParquetFile } from '../file.ts';
import { REPEATED } from '../metadata.ts';
import type { PageBudget } from '../page-budget.ts';
import { type Leaf, leavesBelow, type SchemaNode } from '../schema.ts';
import { jsonOf, kindOf, type ValueKind } from './value-kinds.ts';

/** Entries of one row: more are no attribute. */
const MAX_ENTRIES = 1 << 20;

/** The entries of a leaf that belong to one row, and which of them is next. */
class RowEntries {
  readonly leaf: Leaf;
  readonly definition: number[] = [];
  readonly repetition: number[] = [];
  readonly values: (string | null)[] = [];
  at = 0;
  readonly #reader: ColumnReader;
  readonly #kind: ValueKind;
  /** The next entry of the reader's vector. */
  #next = 0;
  #count = 0;

  constructor(file: ParquetFile, group: number, leaf: Leaf, budget: PageBudget) {
    this.leaf = leaf;
    this.#kind = kindOf(leaf);
    this.#reader = new ColumnReader(file, group, leaf, budget);
  }

  seek(row: number): number {
    return this.#reader.seek(row);
  }

  /** Takes the entries of the next row. @param isWanted - whether their values are asked for */
  take(isWanted: boolean): void {
    this.at = this.definition.length = this.repetition.length = this.values.length = 0;
    const { vector } = this.#reader;
    for (let entries = 0; ; entries++) {
      if (this.#next === this.#count) {
        this.#count = this.#reader.read();
        this.#next = 0;
        if (this.#count === 0) {
          if (entries > 0) return;
          throw new ParquetFault('has fewer rows than it says');
        }
      }
      const i = this.#next;
      const repetition = this.leaf.maxRepetition > 0 ? vector.repetition[i]! : 0;
      if (entries > 0 && repetition === 0) return;
      if (entries === 0 && repetition !== 0)
        throw new ParquetFault('has a row without a beginning');
      if (entries === MAX_ENTRIES)
        throw new ParquetFault(`has a row of more than ${MAX_ENTRIES} values`);
      this.#next++;
      if (!isWanted) continue;
      const has = vector.has(i);
      const isFlat = this.leaf.maxDefinition === 0;
      this.definition.push(isFlat ? 0 : vector.levelOf(i));
      this.repetition.push(repetition);
      this.values.push(has ? jsonOf(this.#kind, vector, i) : null);
    }
  }
}

/** A column of the schema's top that is nested. */
export class NestedColumn {
  readonly #node: SchemaNode;
  readonly #entries: RowEntries[];
  readonly #byLeaf = new Map<Leaf, RowEntries>();
  /** The row that each leaf gives next. */
  readonly #rows: number[];

  /** @param row - of the row group, from which on it is read */
  constructor(file: ParquetFile, group: number, node: SchemaNode, row: number, budget: PageBudget) {
    this.#node = node;
    this.#entries = leavesBelow(node).map((leaf) => new RowEntries(file, group, leaf, budget));
    for (const entries of this.#entries) this.#byLeaf.set(entries.leaf, entries);
    this.#rows = this.#entries.map((entries) => entries.seek(row));
  }

  /** JSON text of a row; null for none. Rows are asked for in ascending order. */
  json(row: number): string | null {
    for (const [i, entries] of this.#entries.entries()) {
      for (; this.#rows[i]! <= row; this.#rows[i]!++) entries.take(this.#rows[i] === row);
    }
    const text = this.#valueOf(this.#node, 0);
    for (const { at, definition } of this.#entries)
      if (at < definition.length) throw contradicting();
    return text === 'null' ? null : text;
  }

  /** @param least - the definition level of what it is in, which is there: here and in what is called */
  #valueOf(node: SchemaNode, least: number): string {
    return node.repetition === REPEATED
      ? `[${this.#items(node, least).join()}]`
      : this.#single(node, least);
  }

  /** The elements of a repeated node. */
  #items(
    node: SchemaNode,
    least: number,
    item = (): string => this.#single(node, node.maxDefinition),
  ): string[] {
    const first = this.#byLeaf.get(leavesBelow(node)[0]!)!;
    const items: string[] = [];
    const level = this.#level(first, least);
    if (level < node.maxDefinition) {
      this.#pass(node, level);
      return items;
    }
    do items.push(item());
    while (first.at < first.definition.length && first.repetition[first.at] === node.maxRepetition);
    return items;
  }

  #single(node: SchemaNode, least: number): string {
    const { leaf, maxDefinition } = node;
    if (leaf !== null) {
      const entries = this.#byLeaf.get(leaf)!;
      this.#level(entries, least);
      return entries.values[entries.at++] ?? 'null';
    }
    const first = leavesBelow(node)[0];
    if (first === undefined) return '{}';
    const level = this.#level(this.#byLeaf.get(first)!, least);
    if (level < maxDefinition) {
      this.#pass(node, level);
      return 'null';
    }
    const [child] = node.children as [SchemaNode];
    if (
      node.children.length === 1 &&
      child.repetition === REPEATED &&
      leavesBelow(child).length > 0
    ) {
      if (node.logical?.kind === 'LIST') return `[${this.#listItems(node, child).join()}]`;
      if (node.logical?.kind === 'MAP' && child.children.length === 2)
        return this.#map(child, maxDefinition);
    }
    const fields = node.children.map((one) => {
      return `${JSON.stringify(one.name)}:${this.#valueOf(one, maxDefinition)}`;
    });
    return `{${fields.join()}}`;
  }

  /** Some writers leave out the level between a list and its elements: Parquet's rules tell which. */
  #listItems(list: SchemaNode, child: SchemaNode): string[] {
    const isElement =
      child.leaf !== null ||
      child.children.length !== 1 ||
      child.name === 'array' ||
      child.name === `${list.name}_tuple` ||
      child.children[0]!.repetition === REPEATED;
    const { maxDefinition } = list;
    if (isElement) return this.#items(child, maxDefinition);
    const [element] = child.children as [SchemaNode];
    return this.#items(child, maxDefinition, () => this.#single(element, child.maxDefinition));
  }

  /** An object, as keys are texts; a list of pairs if they are something else. */
  #map(pairs: SchemaNode, least: number): string {
    const [key, value] = pairs.children as [SchemaNode, SchemaNode];
    const { maxDefinition } = pairs;
    const items = this.#items(pairs, least, () => {
      const name = this.#valueOf(key, maxDefinition);
      const text = this.#valueOf(value, maxDefinition);
      return `${name.startsWith('"') ? name : JSON.stringify(name)}:${text}`;
    });
    return `{${items.join()}}`;
  }

  /** One entry of each leaf: of what is not there each has one, of the level that says what it lacks. */
  #pass(node: SchemaNode, level: number): void {
    for (const leaf of leavesBelow(node)) {
      const entries = this.#byLeaf.get(leaf)!;
      if (entries.definition[entries.at++] !== level) throw contradicting();
    }
  }

  #level(entries: RowEntries, least: number): number {
    const level = entries.definition[entries.at];
    if (level === undefined || level < least) throw contradicting();
    return level;
  }
}

function contradicting(): ParquetFault {
  return new ParquetFault('has columns whose levels contradict each other');
}
