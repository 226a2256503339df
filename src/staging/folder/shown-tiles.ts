/** Tiles as users see them: without rows that are left out as duplicates. */

import type { Journal, TileEntry, TileInput } from './journal/journal.ts';
import type { GoneRow } from './journal/journal-judging.ts';

/** As `Journal.tileEntries`. */
export function* shownTileEntries(journal: Journal): Generator<TileEntry> {
  const left = leftOut(journal);
  for (const entry of journal.tileEntries()) {
    const [x, y, input, rows, area, geometry] = entry;
    const gone = left?.get(`${x}/${y} ${input}`);
    if (gone === undefined) yield entry;
    else if (gone.rows < rows) yield [x, y, input, rows - gone.rows, area - gone.area, geometry];
  }
}

/** As `Journal.allTileInputs`. */
export function* shownTileInputs(journal: Journal): Generator<TileInput> {
  const left = leftOut(journal);
  const ids = new Map([...journal.inputNames()].map(([id, name]) => [name, id]));
  for (const tile of journal.allTileInputs()) {
    const gone = left?.get(`${tile.x}/${tile.y} ${ids.get(tile.input)}`);
    if (gone === undefined) yield tile;
    else if (gone.rows < tile.rows) {
      yield { ...tile, rows: tile.rows - gone.rows, area: tile.area - gone.area };
    }
  }
}

/** Rows that are not in the tiles though they are staged; null where none is left out. */
function leftOut(journal: Journal): Map<string, GoneRow> | null {
  if (journal.settings()?.deduplication?.duplicates !== 'remove') return null;
  const left = new Map<string, GoneRow>();
  for (const row of journal.judging.gone()) left.set(`${row.x}/${row.y} ${row.input}`, row);
  return left;
}
