type Direction = 'ascending' | 'descending';

/** Lets a table be sorted by the columns whose header has `data-sort`, with a button in each. */
export function sortable(table: HTMLTableElement): void {
  const headers = [...table.querySelectorAll<HTMLTableCellElement>('th[data-sort]')];
  for (const header of headers) {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener('click', () => {
      const direction = header.ariaSort === 'ascending' ? 'descending' : 'ascending';
      for (const other of headers) other.ariaSort = other === header ? direction : null;
      sort(table, header.cellIndex, header.dataset['sort'] === 'number', direction);
    });
  }
}

function sort(table: HTMLTableElement, column: number, isNumber: boolean, direction: Direction): void {
  const [body] = table.tBodies;
  if (body === undefined) return;
  const { compare } = new Intl.Collator('en', { numeric: true });
  const keys = [...body.rows].map((row) => ({ row, key: row.cells[column]?.textContent ?? '' }));
  const sign = direction === 'ascending' ? 1 : -1;
  const sorted = isNumber
    ? keys.map(({ row, key }) => ({ row, key: numberOf(key) })).toSorted((a, b) => sign * (a.key - b.key))
    : keys.toSorted((a, b) => sign * compare(a.key, b.key));
  body.append(...sorted.map(({ row }) => row));
}

/** `1,234` → 1234; a cell without a number is less than all. */
export function numberOf(text: string): number {
  const digits = text.replaceAll(/[^\d.]/g, '');
  return digits === '' ? -1 : Number(digits);
}
