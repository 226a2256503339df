/** The summary by tile, sorted, a page at a time. */

import type { TableColumn, TablePage, TableRow } from '../shared/messages.ts';
import type { StagedIndex, Totals } from './staged-index.ts';

export interface TableQuery {
  sort: TableColumn;
  descending: boolean;
  offset: number;
  limit: number;
  /** The page is the one that this tile is on, if it is in the table. */
  around: { x: number; y: number } | null;
}

export class Table {
  readonly #index: StagedIndex;
  #sorted: { key: string; order: Uint32Array } | undefined;

  constructor(index: StagedIndex) {
    this.#index = index;
  }

  /** @param key - text that stands for the inputs that `totals` are of */
  page(totals: Totals, key: string, query: TableQuery): TablePage {
    const order = this.#order(totals, key, query);
    let { offset } = query;
    if (query.around !== null) {
      const tile = this.#index.find(query.around.x, query.around.y);
      const place = tile < 0 ? -1 : order.indexOf(tile);
      if (place >= 0) offset = Math.floor(place / query.limit) * query.limit;
    }
    const rows = Array.from(order.subarray(offset, offset + query.limit), (i) =>
      tableRow(this.#index, totals, i),
    );
    return { total: order.length, offset, rows };
  }

  #order(totals: Totals, choice: string, { sort, descending }: TableQuery): Uint32Array {
    const key = `${sort} ${descending} ${choice}`;
    if (this.#sorted?.key === key) return this.#sorted.order;
    const { count, ground } = this.#index;
    const values = {
      // Tiles are in order already.
      tile: (i: number) => i,
      rows: (i: number) => totals.rows[i]!,
      area: (i: number) => totals.area[i]!,
      density: (i: number) => totals.rows[i]! / ground[i]!,
      inputs: (i: number) => totals.inputs[i]!,
    };
    const by = Float64Array.from({ length: count }, (_, i) => values[sort](i));
    const order = Uint32Array.from({ length: count }, (_, i) => i).filter(
      (i) => totals.rows[i]! > 0,
    );
    const sign = descending ? -1 : 1;
    order.sort((a, b) => sign * (by[a]! - by[b]!) || a - b);
    this.#sorted = { key, order };
    return order;
  }
}

export function tableRow(index: StagedIndex, totals: Totals, i: number): TableRow {
  return {
    x: index.x[i]!,
    y: index.y[i]!,
    bounds: index.bounds(i),
    rows: totals.rows[i]!,
    area: totals.area[i]!,
    density: totals.rows[i]! / (index.ground[i]! / 1e6),
    inputs: totals.inputs[i]!,
  };
}
