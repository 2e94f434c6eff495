import { InputError } from '../shared/errors.ts';
import { objectMembers } from '../shared/json-object.ts';
import type { Members } from '../shared/json-object.ts';
import { nonBlankLines } from './lines.ts';
import type { Line } from './lines.ts';
import type { Content, Entry } from './content.ts';

/** A JSON value as the text of a cell: strings without their quotes, null as nothing, the rest as it is. */
export function cellText(json: string): string {
  if (json === 'null') return '';
  return json.startsWith('"') ? (JSON.parse(json) as string) : json;
}

/** JSON Lines: the keys of the first object are the columns. */
export async function jsonLinesContent(text: AsyncIterable<Buffer>, name: string): Promise<Content> {
  const batches = nonBlankLines(text, name);
  let first: Line[] = [];
  while (first[0] === undefined) first = (await batches.next()).value ?? [];
  const names = membersOf(first[0], name).map(([key]) => key);
  return { table: { names, header: true }, batches: entries(first, batches, names, name) };
}

async function* entries(
  first: Line[],
  rest: AsyncIterable<Line[]>,
  names: readonly string[],
  name: string,
): AsyncGenerator<Entry[]> {
  const known = new Set(names);
  async function* all(): AsyncGenerator<Line[]> {
    yield first;
    yield* rest;
  }
  for await (const lines of all()) {
    const done: Entry[] = [];
    try {
      for (const line of lines)
        done.push({ cells: toCells(membersOf(line, name), names, known), json: line.text });
    } catch (error) {
      yield done;
      throw error;
    }
    yield done;
  }
}

/** Cells in the order of the first object's keys; what has a key of its own stands behind them, with the key. */
function toCells(members: Members, names: readonly string[], known: ReadonlySet<string>): string[] {
  const values = new Map(members);
  const surplus = members.filter(([key]) => !known.has(key));
  return [
    ...names.map((key) => cellText(values.get(key) ?? 'null')),
    ...surplus.map(([key, json]) => `{${JSON.stringify(key)}:${json}}`),
  ];
}

function membersOf(line: Line, name: string): Members {
  try {
    return objectMembers(line.text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new InputError(
      `${name}: line ${line.number}: is not a JSON object (${error.message}); mend or remove the line`,
    );
  }
}
