/** Shows the filter of a table and hides the rows that do not fit it. */
export function filterable(table: HTMLTableElement): void {
  const form = document.querySelector<HTMLFormElement>('form.filter');
  const text = document.querySelector<HTMLInputElement>('#filter-text');
  const code = document.querySelector<HTMLSelectElement>('#filter-code');
  const count = document.querySelector<HTMLOutputElement>('#filter-count');
  if (form === null || text === null || code === null || count === null) return;
  const rows = [...(table.tBodies[0]?.rows ?? [])];
  const lines = rows.map((row) => ({
    row,
    code: row.querySelector('code')?.textContent ?? '',
    text: (row.textContent ?? '').toLowerCase(),
  }));
  const filter = (): void => {
    const wanted = text.value.trim().toLowerCase();
    let shown = 0;
    for (const line of lines) {
      const fits = line.text.includes(wanted) && (code.value === '' || line.code === code.value);
      line.row.hidden = !fits;
      if (fits) shown++;
    }
    const all = rows.length.toLocaleString('en');
    count.value = shown === rows.length ? `${all} rows` : `${shown.toLocaleString('en')} of ${all} rows`;
  };
  form.hidden = false;
  form.addEventListener('input', filter);
  form.addEventListener('submit', (event) => event.preventDefault());
  // A browser may have kept what was in the fields before the page was opened again.
  filter();
}
