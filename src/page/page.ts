import { isUtf8 } from 'node:buffer';

import type { Page, Processor, Row, Value } from '../records.ts';
import { charsetFor } from './charset.ts';
import type { Charset } from './charset.ts';
import { decodeText } from './encodings.ts';
import { headerRecord } from './headers.ts';

/** A response as processors see it; what none of them asks for is not computed. */
export class ResponsePage implements Page {
  readonly url: string;
  readonly status: number;
  readonly body: Buffer;
  readonly #row: Row;
  readonly #rawHeaders: readonly Buffer[];
  readonly #contentType: string;
  #rowRecord: Record<string, string> | null = null;
  #headers: Record<string, string> | null = null;
  #charset: Charset | null = null;
  #text: string | null = null;

  constructor(
    row: Row,
    url: string,
    status: number,
    rawHeaders: readonly Buffer[],
    contentType: string,
    body: Buffer,
  ) {
    this.#row = row;
    this.url = url;
    this.status = status;
    this.#rawHeaders = rawHeaders;
    this.#contentType = contentType;
    this.body = body;
  }

  get row(): Readonly<Record<string, string>> {
    if (this.#rowRecord === null) {
      // Without a prototype, as a column may be called __proto__.
      this.#rowRecord = Object.create(null) as Record<string, string>;
      for (const [i, name] of this.#row.table.names.entries())
        this.#rowRecord[name] = this.#row.cells[i] ?? '';
    }
    return this.#rowRecord;
  }

  get headers(): Readonly<Record<string, string>> {
    this.#headers ??= headerRecord(this.#rawHeaders);
    return this.#headers;
  }

  get charset(): string {
    const { encoding, isText } = this.#foundCharset();
    return isText && this.body.length > 0 ? encoding : '';
  }

  // Not methods: processors take the page apart, `process({ text })`.
  readonly text = (): string => {
    this.#text ??= decodeText(this.body, this.#foundCharset().encoding);
    return this.#text;
  };

  // JSON is UTF-8, be it called HTML; what is not gets a chance by what it is called.
  readonly json = (): unknown => JSON.parse(isUtf8(this.body) ? decodeText(this.body, 'UTF-8') : this.text());

  #foundCharset(): Charset {
    this.#charset ??= charsetFor(this.body, this.#contentType);
    return this.#charset;
  }
}

/**
 * Runs the processors over one page, in order, and gives the values of all of them by column.
 *
 * @param onTimed called before what may not take as long as it likes: never when nothing has to be waited for
 * @throws what a processor throws, and a TypeError for a value under a name that the processor did not declare
 */
export function processPage(
  processors: readonly Processor[],
  page: Page,
  onTimed: () => void,
): Readonly<Record<string, Value>> | Promise<Readonly<Record<string, Value>>> {
  const values = Object.create(null) as Record<string, Value>;
  for (const [i, processor] of processors.entries()) {
    const given = processor.process(page);
    if (given instanceof Promise) return processRest(processors.slice(i), given, page, values, onTimed);
    keep(values, given, processor);
  }
  return values;
}

async function processRest(
  processors: readonly Processor[],
  pending: Promise<Readonly<Record<string, Value>>>,
  page: Page,
  values: Record<string, Value>,
  onTimed: () => void,
): Promise<Readonly<Record<string, Value>>> {
  for (const [i, processor] of processors.entries()) {
    if (processor.untimed !== true) onTimed();
    // One after the other: each may be heavy, and the order of columns is theirs.
    const given = i === 0 ? pending : processor.process(page);
    keep(values, await given, processor);
  }
  return values;
}

function keep(values: Record<string, Value>, given: unknown, { columns }: Processor): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new TypeError('process() must return an object with a value per column');
  }
  for (const [name, value] of Object.entries(given) as [string, Value][]) {
    if (!columns.includes(name)) throw new TypeError(`process() gave "${name}", which is not in columns`);
    values[name] = writable(name, value);
  }
}

/** @throws TypeError for a value that no output format can hold */
function writable(name: string, value: Value): Value {
  const held =
    typeof value === 'number'
      ? Number.isFinite(value)
      : value === undefined || JSON.stringify(value) !== undefined;
  if (!held) throw new TypeError(`the value of "${name}" cannot be written`);
  return value;
}
