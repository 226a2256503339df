/** What is repeated is told once: with how often, the first names, and the first in full. */

/** Something that is told of one input. */
export interface Told {
  /** Of the input, or what stands for it. */
  name: string;
  /** Other names that stand for it in the text, such as its path. */
  aliases?: readonly (string | undefined)[];
  text: string;
}

/** So few of a kind are told one by one. */
const FEW = 2;
const NAMES = 3;

/** Tells of one kind, of which only what is printed is kept. */
export class Repeats {
  count = 0;
  readonly names: string[] = [];
  readonly texts: string[] = [];

  add({ name, text }: Told): void {
    this.count++;
    if (this.names.length < NAMES) this.names.push(name);
    if (this.texts.length < FEW) this.texts.push(text);
  }

  /** `a.gpkg, b.gpkg, c.gpkg, …` */
  get list(): string {
    return this.names.join(', ') + (this.count > this.names.length ? ', …' : '');
  }

  /**
   * One text for all of them, or each of few.
   * @param noun - in the plural
   */
  lines(noun: string): string[] {
    if (this.count <= FEW) return this.texts;
    const all = this.count.toLocaleString('en');
    return [`${all} ${noun} (${this.list}), the first: ${this.texts[0]}`];
  }
}

/** The text without what is its input's own: texts that differ in names and numbers are of one kind. */
export function kindOf({ name, aliases = [], text }: Told): string {
  const own = [name, ...aliases].filter((alias) => alias !== undefined && alias !== '') as string[];
  // Longest first: a name may be a part of the path.
  own.sort((a, b) => b.length - a.length);
  let kind = text;
  for (const each of own) kind = kind.replaceAll(each, '…');
  return kind.replace(/[-−]?\d[\d.,]*(e[+-]?\d+)?/g, '#');
}

/** Lines for all of them, in the order of the first of each kind. */
export function repeatedLines(all: Iterable<Told>, noun: string): string[] {
  const kinds = new Map<string, Repeats>();
  for (const told of all) {
    const kind = kindOf(told);
    let repeats = kinds.get(kind);
    if (repeats === undefined) {
      repeats = new Repeats();
      kinds.set(kind, repeats);
    }
    repeats.add(told);
  }
  return [...kinds.values()].flatMap((repeats) => repeats.lines(noun));
}
