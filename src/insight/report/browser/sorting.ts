/** Tables that a click on a heading sorts, and another one the other way round. */

const order = new Intl.Collator('en', { numeric: true });

export function sortByHeadings(): void {
  for (const table of document.querySelectorAll<HTMLTableElement>('table.sortable')) {
    for (const heading of table.tHead!.rows[0]!.cells) {
      if (heading.textContent === '') continue;
      const button = document.createElement('button');
      button.textContent = heading.textContent;
      button.title = 'Sort by this';
      button.addEventListener('click', () => sort(table, heading));
      heading.replaceChildren(button);
    }
  }
}

/** Numbers begin with the largest, names with the first. */
function sort(table: HTMLTableElement, heading: HTMLTableCellElement): void {
  const before = heading.ariaSort;
  const up = before === null ? heading.className !== 'number' : before === 'descending';
  for (const each of table.tHead!.rows[0]!.cells) each.ariaSort = null;
  heading.ariaSort = up ? 'ascending' : 'descending';
  const body = table.tBodies[0]!;
  const cell = (row: HTMLTableRowElement): HTMLElement => row.cells[heading.cellIndex]!;
  const rows = [...body.rows].sort((a, b) => (up ? 1 : -1) * compare(cell(a), cell(b)));
  body.append(...rows);
}

function compare(a: HTMLElement, b: HTMLElement): number {
  const [p, q] = [a.dataset['sort'], b.dataset['sort']];
  if (p !== undefined && q !== undefined) return Number(p) - Number(q);
  return order.compare(p ?? a.textContent, q ?? b.textContent);
}
