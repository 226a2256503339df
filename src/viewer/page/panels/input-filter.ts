/** The choice of inputs: a list with a search, for thousands of them. */

import type { FolderDuplicates, InputInfo } from '../../shared/messages.ts';
import { breakable, byId, make } from '../dom.ts';
import { count, counted } from '../format.ts';
import { reasonsText } from './duplicates.ts';

/** Shown at a time; the search finds the others. */
const SHOWN = 200;

export class InputFilter {
  readonly #onChange: (chosen: boolean[] | null) => void;
  readonly #search = byId<HTMLInputElement>('input-search');
  #inputs: readonly InputInfo[] = [];
  #chosen: boolean[] = [];
  #duplicates: FolderDuplicates | null = null;

  /** @param onChange - gets null when all inputs are chosen */
  constructor(onChange: (chosen: boolean[] | null) => void) {
    this.#onChange = onChange;
    this.#search.addEventListener('input', () => this.#list());
    byId('inputs-all').addEventListener('click', () => this.#choose(() => true));
    byId('inputs-none').addEventListener('click', () => this.#choose(() => false));
    byId('inputs-only').addEventListener('click', () => {
      const found = new Set(this.#found());
      this.#choose((i) => found.has(i));
    });
  }

  show(
    inputs: readonly InputInfo[],
    chosen: readonly boolean[] | null,
    duplicates: FolderDuplicates | null,
  ): void {
    const now = inputs.map((_, i) => chosen?.[i] ?? true);
    // Where the list itself was used, it is right already, and keeps the focus.
    const isSame = inputs === this.#inputs && now.every((isIn, i) => isIn === this.#chosen[i]);
    this.#inputs = inputs;
    this.#chosen = now;
    this.#duplicates = duplicates;
    if (!isSame) this.#list();
  }

  #choose(isIn: (i: number) => boolean): void {
    this.#chosen = this.#inputs.map((_, i) => isIn(i));
    this.#list();
    this.#tell();
  }

  #tell(): void {
    this.#onChange(this.#chosen.includes(false) ? [...this.#chosen] : null);
  }

  /** Numbers of the inputs whose names hold all words of the search. */
  #found(): number[] {
    const words = this.#search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found: number[] = [];
    for (const [i, { name }] of this.#inputs.entries()) {
      const text = name.toLowerCase();
      if (words.every((word) => text.includes(word))) found.push(i);
    }
    return found;
  }

  #list(): void {
    const found = this.#found();
    const items = found.slice(0, SHOWN).map((i) => {
      const { name, rows, tiles } = this.#inputs[i]!;
      const box = make('input', { type: 'checkbox', checked: this.#chosen[i]! });
      box.addEventListener('change', () => {
        this.#chosen[i] = box.checked;
        this.#note(found);
        this.#tell();
      });
      const numbers = `${counted(rows, 'row')} in ${counted(tiles, 'tile')}`;
      const reasons = reasonsText(this.#duplicates?.counts[name]);
      const verb = this.#duplicates?.column === null ? 'left out' : 'labelled';
      return make(
        'li',
        {},
        make(
          'label',
          {},
          box,
          make('span', { class: 'name' }, breakable(name)),
          make(
            'span',
            { class: 'note' },
            reasons === '' ? numbers : `${numbers}; ${verb}: ${reasons}`,
          ),
        ),
      );
    });
    byId('inputs').replaceChildren(...items);
    byId<HTMLButtonElement>('inputs-only').disabled =
      found.length === 0 || found.length === this.#inputs.length;
    this.#note(found);
  }

  #note(found: readonly number[]): void {
    const chosen = this.#chosen.filter(Boolean).length;
    const all = `${count(chosen)} of ${counted(this.#inputs.length, 'input')} shown on the map`;
    const isSearch = found.length !== this.#inputs.length;
    const search = isSearch ? `; ${count(found.length)} found` : '';
    const more = found.length > SHOWN ? `; the first ${count(SHOWN)} are listed` : '';
    byId('inputs-note').textContent = all + search + more;
  }
}
