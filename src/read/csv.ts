import { InputError } from '../shared/errors.ts';
import type { Content, Entry } from './entry.ts';
import { headerFault, leavesCells } from './fault.ts';
import { allLines } from './lines.ts';
import type { Line } from './lines.ts';
import { RecordReader } from './record-reader.ts';
import type { Syntax } from './record-reader.ts';

/**
 * CSV or TSV (RFC 4180).
 *
 * @param broken see `PlainText`
 * @param hasHeader whether the first record is the header
 */
export async function csvContent(
  lines: AsyncIterable<Line[]>,
  broken: string | null,
  name: string,
  syntax: Syntax,
  hasHeader: boolean,
  onComment: () => void,
): Promise<Content> {
  const reader = new RecordReader(name, syntax, onComment);
  const batches = records(lines, reader);
  let first: Entry[] = [];
  while (first.length === 0) {
    const { done, value } = await batches.next();
    if (done === true) throw new InputError(`${name}: holds no record`);
    first = value;
  }
  const { cells = [], fault = null } = first[0] ?? {};
  if (fault !== null && (hasHeader || !leavesCells(fault))) throw headerFault(fault);
  const names = hasHeader ? cells : cells.map((_, index) => String(index + 1));
  return {
    table: { names, header: hasHeader },
    batches: joined(hasHeader ? first.slice(1) : first, batches),
    // By the same reader, which knows by now how this file uses spaces.
    entryIn: (bytes) => firstRecord(allLines(bytes, broken), reader),
  };
}

function firstRecord(lines: readonly Line[], reader: RecordReader): Entry | null {
  for (const line of lines) {
    reader.add(line);
    const [entry] = reader.taken();
    if (entry !== undefined) return entry;
  }
  reader.giveUp('never closed');
  return reader.taken()[0] ?? null;
}

async function* joined(first: Entry[], rest: AsyncIterable<Entry[]>): AsyncGenerator<Entry[]> {
  yield first;
  yield* rest;
}

async function* records(
  batches: AsyncIterable<Line[]>,
  reader: RecordReader,
): AsyncGenerator<Entry[], undefined> {
  for await (const lines of batches) {
    for (const line of lines) {
      while (!reader.hasRoomFor(line)) yield* readAgain(reader, 'not closed within 16 MiB');
      reader.add(line);
    }
    yield reader.taken();
  }
  while (reader.isOpen) yield* readAgain(reader, 'never closed');
}

/** Gives up the open quote and reads on from the line behind it, where another quote may stay open. */
function* readAgain(reader: RecordReader, what: string): Generator<Entry[]> {
  let count = 0;
  for (const line of reader.giveUp(what)) {
    reader.add(line);
    // In batches, as the quote may have held many lines.
    if (++count % 1000 === 0) yield reader.taken();
  }
  yield reader.taken();
}
