/** What polygons are coloured by, what is drawn besides, which shape the map has. */

import type { ColumnInfo } from '../../shared/messages.ts';
import * as api from '../api.ts';
import { byId, make } from '../dom.ts';
import type { Host } from '../host.ts';
import { LAYERS, SPREADS, type State } from '../state.ts';

export class MapOptions {
  readonly #host: Host;
  readonly #by = byId<HTMLSelectElement>('by');
  readonly #shape = byId<HTMLInputElement>('shape');
  #columns: readonly ColumnInfo[] = [];

  constructor(host: Host, onPicture: () => void) {
    this.#host = host;
    this.#by.addEventListener('change', () => host.change({ by: this.#by.value }));
    for (const spread of SPREADS) {
      radio(spread).addEventListener('change', () => host.change({ spread }));
    }
    this.#shape.addEventListener('change', () =>
      host.change({ shape: this.#shape.checked ? 'true' : 'own' }),
    );
    byId('shape-option').hidden = !host.info.crs.geographic;
    for (const layer of LAYERS) {
      byId(`show-${layer}`).addEventListener('change', () =>
        host.change({ hidden: LAYERS.filter((name) => !box(name).checked) }),
      );
    }
    byId('save-picture').addEventListener('click', onPicture);
    // On a small screen the map needs the room.
    byId('map-options').toggleAttribute('open', innerHeight > 700 && innerWidth > 820);
  }

  /** Asks for the columns that there are. */
  async load(): Promise<void> {
    try {
      this.#columns = await api.columns();
      this.show(this.#host.state);
    } catch (error) {
      this.#host.report(error);
    }
  }

  show({ by, spread, shape, hidden }: State): void {
    const { identifier, filename = '' } = this.#host.info.properties;
    const column = this.#host.info.duplicates?.column ?? null;
    byId('duplicates-option').hidden = column === null;
    const own = new Set(Object.values(this.#host.info.properties));
    const names = this.#columns.map(({ name }) => name);
    const options: [value: string, text: string][] = [
      ['', 'one colour'],
      [filename, 'input'],
      ...(column === null ? [] : [[column, 'duplicates'] as [string, string]]),
      ...names.filter((name) => !own.has(name)).map((name) => [name, name] as [string, string]),
      ...names
        .filter((name) => own.has(name) && ![identifier, filename, column].includes(name))
        .map((name) => [name, name] as [string, string]),
    ];
    // A link may name one that some tiles have, or none.
    if (!options.some(([value]) => value === by)) options.push([by, by]);
    this.#by.replaceChildren(...options.map(([value, text]) => make('option', { value }, text)));
    this.#by.value = by;
    radio(spread).checked = true;
    this.#shape.checked = shape === 'true';
    for (const layer of LAYERS) box(layer).checked = !hidden.includes(layer);
  }
}

function radio(spread: string): HTMLInputElement {
  return document.querySelector<HTMLInputElement>(`input[name="spread"][value="${spread}"]`)!;
}

function box(layer: string): HTMLInputElement {
  return byId<HTMLInputElement>(`show-${layer}`);
}
