/** Index of the column with this name: as it is, else in other case; -1 when there is none. */
export function findColumn(names: readonly string[], name: string): number {
  const exact = names.indexOf(name);
  if (exact !== -1) return exact;
  const wanted = name.trim().toLowerCase();
  return names.findIndex((other) => other.trim().toLowerCase() === wanted);
}
