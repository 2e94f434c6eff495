import { UsageError } from '../shared/errors.ts';
import { findColumn } from '../shared/find-column.ts';

type Cells = readonly string[];

/**
 * Finds what a path of keys leads to: `page.url` in `{"page":{"url":"…"}}`. A key that has the dot itself comes first.
 *
 * @param records the first ones
 * @returns null when the path is the name of a column, or does not begin with one
 * @throws UsageError when the path leads nowhere in any of the records
 */
export function findJsonPath(
  names: readonly string[],
  path: string,
  records: readonly Cells[],
): ((cells: Cells) => string) | null {
  if (findColumn(names, path) !== -1) return null;
  const [column, rest] = splits(path)
    .map(([key, behind]) => [findColumn(names, key), behind] as const)
    .find(([found]) => found !== -1) ?? [-1, ''];
  if (column === -1) return null;
  const valueOf = (cells: Cells): unknown => follow(parsed(cells[column] ?? ''), rest);
  if (!records.some((cells) => valueOf(cells) !== undefined)) {
    throw new UsageError(`--url-column: "${path}" is in none of the first records`);
  }
  return (cells) => {
    const value = valueOf(cells) ?? '';
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
}

/** The ways to take a first key off a path, the longest first. */
function splits(path: string): (readonly [key: string, rest: string])[] {
  const dots = Array.from(path.matchAll(/\./g), ({ index }) => index);
  return dots.toReversed().map((dot) => [path.slice(0, dot), path.slice(dot + 1)] as const);
}

function follow(value: unknown, path: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Object.hasOwn(value, path)) return (value as Record<string, unknown>)[path];
  for (const [key, rest] of splits(path)) {
    const found = Object.hasOwn(value, key)
      ? follow((value as Record<string, unknown>)[key], rest)
      : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function parsed(cell: string): unknown {
  if (!/^[{[]/.test(cell)) return undefined;
  try {
    return JSON.parse(cell);
  } catch {
    // It is a string that only begins like JSON.
    return undefined;
  }
}
