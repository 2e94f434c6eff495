import { isIPv6 } from 'node:net';

import { UsageError } from '../shared/errors.ts';
import { hasScheme, looksLikeHost, looksLikeUrl } from '../shared/url-like.ts';
import type { Dialect, InputFormat, Wanted } from './dialect.ts';
import { isColumnName } from './header-line.ts';
import { startsJson } from './json-elements.ts';
import { linesOf, isNotBlank, urlOfLine } from './lines.ts';
import type { Line } from './lines.ts';
import { delimiters, findSyntax, isSyntaxPlain } from './syntax.ts';

const byExtension = new Map<string, InputFormat>([
  ['csv', 'csv'],
  ['tsv', 'tsv'],
  ['tab', 'tsv'],
  ['jsonl', 'jsonl'],
  ['ndjson', 'jsonl'],
  ['json', 'jsonl'],
]);

/** Delimiters that are tried for a file that is named TSV and has no tab. */
const tabFirst = ['\t', ',', ';', '|'];

/** How many lines are looked at to tell how the others are read. */
const linesSeen = 100;

/**
 * Finds how the input is written: by the options, else the file's name (without .gz, .br, .zst), else its first lines.
 *
 * @param ended whether `head` is the whole input, so that its last line is complete
 * @throws UsageError when the lines may be a list of URLs as well as a CSV without a header, and when the header seems
 * to stand further down
 */
export function findDialect(head: string, name: string, said: Wanted, ended = true): Dialect {
  const lines = headLines(head, ended);
  const { resultColumn } = said;
  const shown =
    resultColumn === undefined || startsJson(head) ? undefined : delimiterAround(lines, resultColumn);
  const wanted = { ...said, delimiter: said.delimiter ?? shown };
  const named = formatNamed(name, wanted);
  if (named === 'lines' || named === 'jsonl') return whole(named, wanted);
  if (named === undefined && wanted.delimiter === undefined) {
    if (startsJson(head)) return whole('jsonl', wanted);
    if (isUrlList(lines, name, wanted)) return whole('lines', wanted);
  }
  const hasTabs = wanted.inputFormat === 'tsv' || lines.some(({ text }) => text.includes('\t'));
  const found = findSyntax(lines, name, wanted, named === 'tsv' ? (hasTabs ? ['\t'] : tabFirst) : delimiters);
  const isTsv = named === 'tsv' || (named === undefined && found.syntax.delimiter === '\t');
  return { format: isTsv ? 'tsv' : 'csv', ...found };
}

function formatNamed(name: string, { inputFormat }: Wanted): InputFormat | undefined {
  const extension = /\.([a-z]+)(?:\.(?:gz|br|zst))?$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  return inputFormat ?? byExtension.get(extension);
}

function whole(format: InputFormat, { comment, noHeader = false }: Wanted): Dialect {
  const syntax = { delimiter: ',', quote: null, escape: null, comment: comment ?? null, isWrapped: false };
  return { format, syntax, hasHeader: !noHeader, skip: 0, comments: 0 };
}

/**
 * Whether the lines read so far tell the dialect. A hundred do; so does the first URL of a list, or a header with a row
 * that leave no doubt. Then a stream that pauses is not waited for.
 */
export function tellsDialect(head: string, name: string, wanted: Wanted): boolean {
  const lines = headLines(head, false);
  const [first, second] = lines.filter(({ text }) => !text.startsWith('#'));
  if (first === undefined || !/[\r\n]/.test(head.trimStart())) return lines.length >= linesSeen;
  const named = formatNamed(name, wanted);
  if (named === 'lines') return true;
  // The second line of JSON shows whether a record has a line of its own.
  if (named === 'jsonl' || startsJson(head)) return second !== undefined;
  if (lines.length >= linesSeen) return true;
  if (looksLikeUrl(first.text) && !delimiters.some((delimiter) => first.text.includes(delimiter)))
    return !looksLikeHost(first.text);
  return second !== undefined && isSyntaxPlain(first, second);
}

/**
 * The delimiter that stands before and behind the name of a column in a header line, where names may be quoted; undefined
 * when it is one of those that are tried anyway, and when there is none.
 */
function delimiterAround(lines: readonly Line[], column: string): string | undefined {
  const header = lines.find(({ text }) => text.includes(column))?.text ?? '';
  if (delimiters.some((one) => header.split(one).map(unquoted).includes(column))) return undefined;
  const parts = header.split(column);
  for (const [index, part] of parts.slice(1).entries()) {
    const before = /.(?="?$)/su.exec(parts[index] ?? '')?.[0];
    const behind = /^"?(.)/su.exec(part)?.[1] ?? before;
    if (before !== '"' && before === behind) return before;
  }
  return undefined;
}

function unquoted(cell: string): string {
  return cell.replaceAll(/^"|"$/g, '');
}

/** The first lines that are not blank, without a last one that is not complete yet. */
function headLines(text: string, ended: boolean): Line[] {
  const lines: Line[] = [];
  for (const line of linesOf(text, 1, 0)) {
    // The first line counts even when it is longer than all that is examined.
    const isWhole = ended || line.end !== '' || line.number === 1;
    if (isWhole && isNotBlank(line)) lines.push(line);
    if (lines.length === linesSeen) break;
  }
  return lines;
}

/** Whether the input is a list: its first line is a URL or path, which no header can be. @throws UsageError in doubt */
function isUrlList(lines: readonly Line[], name: string, wanted: Wanted): boolean {
  const { comment = '#', headerLine = false, noHeader = false, urlColumn } = wanted;
  if (headerLine) return false;
  const texts = lines.map(({ text }) => text.trim());
  const urls = texts.filter((text) => !text.startsWith(comment)).map((text) => urlOfLine(text, comment));
  const [first, ...others] = urls;
  if (first === undefined) return true;
  if (!isListed(first) || isColumnName(first, 1, others)) return false;
  const isTable = delimiters.some((delimiter) => {
    const counts = new Set(urls.map((url) => url.split(delimiter).length));
    return urls.length > 1 && counts.size === 1 && !counts.has(1);
  });
  if (!isTable) return true;
  // Both options speak of a table.
  if (noHeader || urlColumn !== undefined) return false;
  throw new UsageError(
    `${name}: may be a CSV without a header or a list of URLs; say which: --no-header or --input-format lines`,
  );
}

/** Whether a line of a list may say this: a URL, an address or a path. */
function isListed(text: string): boolean {
  return hasScheme(text) || looksLikeUrl(text) || isIPv6(text) || /^\.{0,2}\/[^\s,;|]*$/.test(text);
}
