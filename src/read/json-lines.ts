import { InputError } from '../shared/errors.ts';
import { objectMembers } from '../shared/json-object.ts';
import type { Members } from '../shared/json-object.ts';
import type { Content, Entry } from './entry.ts';
import { encodingFault, headerFault } from './fault.ts';
import type { Fault, Unit } from './fault.ts';
import { allLines, isNotBlank, lengthFault } from './lines.ts';
import type { Line } from './lines.ts';

/** A JSON value as the text of a cell: the value of a string, an empty text for null, anything else as JSON. */
export function cellText(json: string): string {
  if (json === 'null') return '';
  return json.startsWith('"') ? (JSON.parse(json) as string) : json;
}

/** Columns are the keys of the first 100 records, in their order; of fewer where 100 have over a million characters. */
const [keysFrom, largestHead] = [100, 2 ** 20];

/**
 * JSON Lines.
 *
 * @param broken see `PlainText`
 * @param unit what the lines are: of the input, or elements of its array, which may be strings too
 */
export async function jsonLinesContent(
  batches: AsyncGenerator<Line[]>,
  broken: string | null,
  name: string,
  unit: Unit = 'line',
): Promise<Content> {
  const { first, failure } = await readFirst(batches);
  const [line] = first;
  if (line === undefined) throw failure ?? new InputError(`${name}: holds no record`);
  const isStrings = unit === 'element' && line.text.startsWith('"');
  const names = isStrings ? ['url'] : columnsOf(first, name, unit);
  const toEntry = entryMaker(names, isStrings, name, unit);
  async function* entries(): AsyncGenerator<Entry[]> {
    yield first.map(toEntry);
    if (failure !== null) throw failure;
    for await (const lines of batches) yield lines.filter(isNotBlank).map(toEntry);
  }
  const entryIn = (bytes: Buffer): Entry | null => {
    const again = allLines(bytes, broken).find(isNotBlank);
    return again === undefined ? null : toEntry(again);
  };
  return { table: { names, header: true }, batches: entries(), entryIn };
}

interface First {
  readonly first: readonly Line[];
  /** The error that broke off the reading; it is thrown once these lines have been used. Null: none. */
  readonly failure: unknown;
}

/** Reads at least as many lines as are needed for the columns. */
async function readFirst(batches: AsyncGenerator<Line[]>): Promise<First> {
  const first: Line[] = [];
  try {
    for (let size = 0; first.length < keysFrom && size <= largestHead;) {
      const { done, value } = await batches.next();
      if (done === true) break;
      const lines = value.filter(isNotBlank);
      first.push(...lines);
      size += lines.reduce((sum, { text }) => sum + text.length, 0);
    }
    return { first, failure: null };
  } catch (failure) {
    return { first, failure };
  }
}

/** The lines whose keys become columns: always the same ones, in whatever pieces the input comes. */
function headOf(lines: readonly Line[]): readonly Line[] {
  let size = 0;
  const end = lines.findIndex(({ text }, index) => index >= keysFrom || (size += text.length) > largestHead);
  return end === -1 ? lines : lines.slice(0, Math.max(end, 1));
}

function columnsOf(lines: readonly Line[], name: string, unit: Unit): string[] {
  const [first, ...others] = headOf(lines).map((line) => ({ line, read: readObject(line, name, unit) }));
  if (first === undefined) return [];
  if (!isMembers(first.read)) throw headerFault(first.read);
  const names = first.read.map(([key]) => key);
  const fault = encodingFault(name, first.line.number, first.line.text, unit);
  if (fault !== null && !names.every((key) => key.isWellFormed())) throw headerFault(fault);
  const more = others.flatMap(({ read }) => (isMembers(read) ? read.map(([key]) => key) : []));
  const known = new Set(names);
  return [...names, ...new Set(more.filter((key) => key.isWellFormed() && !known.has(key)))];
}

function entryMaker(
  names: readonly string[],
  isStrings: boolean,
  name: string,
  unit: Unit,
): (line: Line) => Entry {
  const known = new Set(names);
  return (line) => {
    const { start } = line;
    const fault = encodingFault(name, line.number, line.text, unit);
    const string = isStrings ? stringIn(line.text) : null;
    if (string !== null) return { cells: [string], json: null, url: string, fault, start };
    const read = readObject(line, name, unit);
    // Its members are not known, so the whole text becomes a cell beyond the columns.
    if (!isMembers(read))
      return { cells: [...names.map(() => ''), line.text], json: null, url: null, fault: read, start };
    const cells = toCells(read, names, known, fault === null ? JSON.stringify : stringWithBytes);
    // A lone surrogate that was written as an escape stands for no byte of the input.
    return {
      cells: fault === null ? cells.map((cell) => cell.toWellFormed()) : cells,
      json: line.text,
      url: null,
      fault,
      start,
    };
  };
}

/** Null for what is no JSON string. */
function stringIn(json: string): string | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}

/** Cells in the order of the columns. Each member whose key is no column follows as a cell of its own, with its key. */
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

/** Like JSON.stringify(), but surrogates that stand for bytes of the input are kept and not escaped. */
function stringWithBytes(text: string): string {
  const parts = text.split(/([\udc80-\udcff]+)/u);
  return `"${parts.map((part, index) => (index % 2 === 0 ? JSON.stringify(part).slice(1, -1) : part)).join('')}"`;
}

function readObject(line: Line, name: string, unit: Unit): Members | Fault {
  if (line.isCut) return { ...lengthFault(line, name), unit };
  try {
    return objectMembers(line.text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { number, text } = line;
    const what = `is not a JSON object (${error.message})`.toWellFormed();
    return encodingFault(name, number, text, unit) ?? { kind: 'json', name, line: number, unit, what };
  }
}

function isMembers(read: Members | Fault): read is Members {
  return Array.isArray(read);
}
