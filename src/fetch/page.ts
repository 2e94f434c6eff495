import { isUtf8 } from 'node:buffer';

import type { Page, Processor, Row, Value } from '../records.ts';
import { charsetOf, headerRecord } from './headers.ts';

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

  // Not methods: processors take the page apart, `process({ text })`.
  readonly text = (): string => {
    this.#text ??= decodeText(this.body, this.#contentType);
    return this.#text;
  };

  readonly json = (): unknown => JSON.parse(this.text());
}

/**
 * A byte order mark wins, then the charset of Content-Type, then that of a meta element in HTML. Without them: UTF-8 where the bytes are valid UTF-8,
 * else windows-1252, the Encoding Standard's name for what the web calls Latin-1.
 */
function decodeText(body: Buffer, contentType: string): string {
  const label = markedEncoding(body) ?? (charsetOf(contentType) || metaCharset(body, contentType));
  const decoder = decoderOf(label, body);
  return decoder.encoding === 'windows-1252' ? decodeWindows1252(body) : decoder.decode(body);
}

function decoderOf(label: string, body: Buffer): InstanceType<typeof TextDecoder> {
  try {
    if (label !== '') return new TextDecoder(label);
  } catch {
    // A label that no browser knows either: as if there were none.
  }
  return new TextDecoder(isUtf8(body) ? 'utf-8' : 'windows-1252');
}

/** What windows-1252 has where Latin-1 has control characters; some versions of Node decode it as Latin-1. */
const from80to9f = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

function decodeWindows1252(body: Buffer): string {
  return body
    .toString('latin1')
    .replaceAll(/[\u0080-\u009f]/g, (char) => from80to9f[char.charCodeAt(0) - 0x80] ?? char);
}

/** HTML Standard, "prescan a byte stream to determine its encoding", as far as pages need it: 1024 bytes. */
function metaCharset(body: Buffer, contentType: string): string {
  if (!/html/i.test(contentType)) return '';
  const head = body.toString('latin1', 0, 1024).replaceAll(/<!--.*?-->/gs, '');
  const charset = /<meta\s[^>]*?charset\s*=\s*["']?\s*([\w:.-]+)/i.exec(head)?.[1] ?? '';
  // What could be read as ASCII so far is not UTF-16.
  return /^utf-?16/i.test(charset) ? 'utf-8' : charset;
}

function markedEncoding(body: Buffer): string | null {
  if (body[0] === 0xff && body[1] === 0xfe) return 'utf-16le';
  if (body[0] === 0xfe && body[1] === 0xff) return 'utf-16be';
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 'utf-8' : null;
}

/**
 * Runs the processors over one page, in order, and gives the values of all of them by column.
 *
 * @throws what a processor throws, and a TypeError for a value under a name that the processor did not declare
 */
export function processPage(
  processors: readonly Processor[],
  page: Page,
): Readonly<Record<string, Value>> | Promise<Readonly<Record<string, Value>>> {
  const values = Object.create(null) as Record<string, Value>;
  for (const [i, processor] of processors.entries()) {
    const given = processor.process(page);
    if (given instanceof Promise) return processRest(processors.slice(i), given, page, values);
    keep(values, given, processor);
  }
  return values;
}

async function processRest(
  processors: readonly Processor[],
  pending: Promise<Readonly<Record<string, Value>>>,
  page: Page,
  values: Record<string, Value>,
): Promise<Readonly<Record<string, Value>>> {
  for (const [i, processor] of processors.entries()) {
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
