/** Index of the column with this name: an exact match, else one that ignores case and outer spaces; else -1. */
export function findColumn(names: readonly string[], name: string): number {
  const exact = names.indexOf(name);
  if (exact !== -1) return exact;
  const wanted = name.trim().toLowerCase();
  return names.findIndex((other) => other.trim().toLowerCase() === wanted);
}
