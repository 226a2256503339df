/** The summary by tile: a sorted table, a page of it at a time, in step with the map. */

import { TABLE_COLUMNS, type TableColumn, type TablePage } from '../../shared/messages.ts';
import * as api from '../api.ts';
import { button, byId, make } from '../dom.ts';
import { count, counted, rounded } from '../format.ts';

const PAGE = 50;

export class TileTable {
  readonly #z: number;
  readonly #squareMeters: number;
  readonly #onSelect: (tile: string) => void;
  readonly #onError: (error: unknown) => void;
  readonly #body = byId<HTMLTableElement>('table').tBodies[0]!;
  readonly #headers = new Map<TableColumn, HTMLTableCellElement>();
  readonly #back = button('‹', () => this.#turn(this.#offset - PAGE), 'Previous page');
  readonly #range = make('span');
  readonly #on = button('›', () => this.#turn(this.#offset + PAGE), 'Next page');
  #sort: TableColumn = 'tile';
  #order: 'asc' | 'desc' = 'asc';
  #offset = 0;
  #inputs = '';
  #selected: string | null = null;
  #request = new AbortController();

  /** @param isLarge - whether areas are given in km², not in m² */
  constructor(
    z: number,
    isLarge: boolean,
    onSelect: (tile: string) => void,
    onError: (error: unknown) => void,
  ) {
    this.#z = z;
    this.#squareMeters = isLarge ? 1e6 : 1;
    const titles: Record<TableColumn, string> = {
      tile: 'Tile',
      rows: 'Polygons',
      area: isLarge ? 'Area, km²' : 'Area, m²',
      density: 'Per km²',
      inputs: 'Inputs',
    };
    this.#onSelect = onSelect;
    this.#onError = onError;
    const row = make('tr');
    for (const column of TABLE_COLUMNS) {
      const cell = make(
        'th',
        { scope: 'col' },
        button(titles[column], () => this.#sortBy(column)),
      );
      this.#headers.set(column, cell);
      row.append(cell);
    }
    byId<HTMLTableElement>('table').tHead!.replaceChildren(row);
    byId('pager').replaceChildren(this.#back, this.#range, this.#on);
  }

  /** Shows, for other inputs, the page that the selected tile is on, or the first one. */
  show(inputs: string, tile: string | null): Promise<void> {
    this.#inputs = inputs;
    this.#offset = 0;
    this.#selected = tile;
    return this.#load(tile);
  }

  /** @param tile - z/x/y */
  async select(tile: string | null): Promise<void> {
    if (tile === this.#selected) return;
    this.#selected = tile;
    if (this.#mark() || tile === null) return;
    await this.#load(tile);
  }

  /** Brings the selected tile's row into sight again, after something above has changed its size. */
  reveal(): void {
    this.#mark();
  }

  #sortBy(column: TableColumn): void {
    // What is sought in numbers is mostly the largest.
    const first = column === 'tile' ? 'asc' : 'desc';
    const other = first === 'asc' ? 'desc' : 'asc';
    this.#order = this.#sort === column && this.#order === first ? other : first;
    this.#sort = column;
    this.#offset = 0;
    void this.#load(null);
  }

  async #load(around: string | null): Promise<void> {
    this.#request.abort();
    this.#request = new AbortController();
    const query = { sort: this.#sort, order: this.#order, offset: this.#offset, limit: PAGE };
    const [, x, y] = around?.split('/') ?? [];
    try {
      const page = await api.table(
        around === null ? query : { ...query, around: `${x},${y}` },
        this.#inputs,
        this.#request.signal,
      );
      this.#offset = page.offset;
      this.#fill(page);
    } catch (error) {
      this.#onError(error);
    }
  }

  #fill({ rows, total, offset }: TablePage): void {
    for (const [column, cell] of this.#headers) {
      if (column !== this.#sort) cell.removeAttribute('aria-sort');
      else cell.setAttribute('aria-sort', this.#order === 'asc' ? 'ascending' : 'descending');
    }
    this.#body.replaceChildren(
      ...rows.map((row) => {
        const name = `${this.#z}/${row.x}/${row.y}`;
        const choose = (): void => this.#onSelect(name);
        const cells = [
          count(row.rows),
          rounded(row.area / this.#squareMeters),
          rounded(row.density),
          count(row.inputs),
        ];
        return make(
          'tr',
          { 'data-tile': name, onclick: choose },
          make('th', { scope: 'row' }, make('button', { type: 'button' }, name)),
          ...cells.map((text) => make('td', {}, text)),
        );
      }),
    );
    const last = offset + rows.length;
    this.#back.hidden = this.#on.hidden = total <= PAGE;
    this.#back.disabled = offset === 0;
    this.#on.disabled = last >= total;
    this.#range.textContent =
      total === 0 ? 'No tiles' : `${count(offset + 1)}–${count(last)} of ${counted(total, 'tile')}`;
    this.#mark();
  }

  #turn(offset: number): void {
    this.#offset = offset;
    void this.#load(null).then(() => {
      byId('panel-tiles').querySelector('.scroll')!.scrollTop = 0;
    });
  }

  /** Brings the row into sight within the table, and leaves the page where it is. */
  #scrollTo(row: HTMLTableRowElement): void {
    const scroll = byId('panel-tiles').querySelector('.scroll')!;
    const box = scroll.getBoundingClientRect();
    const { top, bottom, height } = row.getBoundingClientRect();
    // The header covers about a row.
    if (top < box.top + height) scroll.scrollTop -= box.top + 2 * height - top;
    else if (bottom > box.bottom) scroll.scrollTop += bottom - box.bottom + height;
  }

  /** Marks the selected tile's row; returns whether it is on this page. */
  #mark(): boolean {
    let isHere = false;
    for (const row of this.#body.rows) {
      const isSelected = row.dataset['tile'] === this.#selected;
      if (!isSelected) row.removeAttribute('aria-current');
      else {
        row.setAttribute('aria-current', 'true');
        this.#scrollTo(row);
        isHere = true;
      }
    }
    return isHere;
  }
}
