import { objectMembers } from '../shared/json-object.ts';
import type { Members } from '../shared/json-object.ts';
import type { Content, Entry } from './entry.ts';
import { encodingFault, headerFault } from './fault.ts';
import type { Fault } from './fault.ts';
import { isNotBlank, lengthFault } from './lines.ts';
import type { Line } from './lines.ts';

/** A JSON value as the text of a cell: strings without their quotes, null as nothing, the rest as it is. */
export function cellText(json: string): string {
  if (json === 'null') return '';
  return json.startsWith('"') ? (JSON.parse(json) as string) : json;
}

/** JSON Lines: the keys of the first object are the columns. */
export async function jsonLinesContent(batches: AsyncGenerator<Line[]>, name: string): Promise<Content> {
  let first: Line[] = [];
  while (first[0] === undefined) first = ((await batches.next()).value ?? []).filter(isNotBlank);
  const read = readObject(first[0], name);
  if (!isMembers(read)) throw headerFault(read);
  const names = read.map(([key]) => key);
  const fault = encodingFault(name, first[0].number, first[0].text);
  if (fault !== null && !names.every((key) => key.isWellFormed())) throw headerFault(fault);
  return { table: { names, header: true }, batches: entries(first, batches, names, name) };
}

async function* entries(
  first: Line[],
  rest: AsyncIterable<Line[]>,
  names: readonly string[],
  name: string,
): AsyncGenerator<Entry[]> {
  const known = new Set(names);
  const toEntry = (line: Line): Entry => {
    const read = readObject(line, name);
    // No member of it is known: its text comes back as a cell beyond the columns.
    if (!isMembers(read))
      return { cells: [...names.map(() => ''), line.text], json: null, url: null, fault: read };
    const fault = encodingFault(name, line.number, line.text);
    const cells = toCells(read, names, known, fault === null ? JSON.stringify : stringWithBytes);
    // What an escape makes of a lone surrogate is no byte of the input.
    return {
      cells: fault === null ? cells.map((cell) => cell.toWellFormed()) : cells,
      json: line.text,
      url: null,
      fault,
    };
  };
  yield first.map(toEntry);
  for await (const lines of rest) yield lines.filter(isNotBlank).map(toEntry);
}

/** Cells in the order of the first object's keys; what has a key of its own stands behind them, with the key. */
function toCells(
  members: Members,
  names: readonly string[],
  known: ReadonlySet<string>,
  stringOf: (key: string) => string,
): string[] {
  const values = new Map(members);
  const surplus = members.filter(([key]) => !known.has(key));
  return [
    ...names.map((key) => cellText(values.get(key) ?? 'null')),
    ...surplus.map(([key, json]) => `{${stringOf(key)}:${json}}`),
  ];
}

/** As JSON.stringify(), but what stands for a byte of the input stays, and is no escape. */
function stringWithBytes(text: string): string {
  const parts = text.split(/([\udc80-\udcff]+)/u);
  return `"${parts.map((part, index) => (index % 2 === 0 ? JSON.stringify(part).slice(1, -1) : part)).join('')}"`;
}

function readObject(line: Line, name: string): Members | Fault {
  if (line.isCut) return lengthFault(line, name);
  try {
    return objectMembers(line.text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { number, text } = line;
    const what = `is not a JSON object (${error.message})`.toWellFormed();
    return encodingFault(name, number, text) ?? { kind: 'json', name, line: number, what };
  }
}

function isMembers(read: Members | Fault): read is Members {
  return Array.isArray(read);
}
