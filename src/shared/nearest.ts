/** How many names are proposed at most. */
const mostNames = 3;

/**
 * The end of a message about an unknown name: `; did you mean "price" or "prices"?`, the nearest first. Empty when no known
 * name is near.
 *
 * @param shown how the user would write a name. Default: in quotes
 */
export function didYouMean(
  wrong: string,
  known: Iterable<string>,
  shown: (name: string) => string = (name) => JSON.stringify(name),
): string {
  const said = plain(wrong);
  const all = [...known].map((name) => ({ name, steps: stepsTo(said, plain(name)) }));
  const fewest = Math.min(...all.map(({ steps }) => steps));
  // A name of one or two letters is not guessed when a letter is wrong: too little of it is left.
  const most = said.length < 3 ? 0 : Math.max(1, Math.floor(said.length / 3));
  const near = all
    .filter(({ steps }) => steps <= most && (steps === fewest || fewest > 0))
    .toSorted((a, b) => a.steps - b.steps)
    .slice(0, mostNames)
    .map(({ name }) => shown(name));
  return near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`;
}

/** Names that differ only in case, dashes and the like are the same to somebody who types them. */
function plain(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[\s_-]/g, '')
    .slice(0, 100);
}

/** Mistakes of typing between two names; the beginning of a name (three letters at least) is one. */
function stepsTo(wrong: string, name: string): number {
  if (wrong === '' || name === '') return Infinity;
  return wrong.length >= 3 && name.startsWith(wrong) ? Number(name !== wrong) : distance(wrong, name);
}

/** Characters that are to be added, taken away, changed, or exchanged with the next one (optimal string alignment). */
function distance(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (last[j - 1] ?? 0) + Number(a[i - 1] !== b[j - 1]);
      const isTurned = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const turned = isTurned ? (before[j - 2] ?? 0) + 1 : Infinity;
      row.push(Math.min(change, turned, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    [before, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
