import { UsageError } from '../shared/errors.ts';
import { hasScheme } from '../shared/url-like.ts';
import { startsJson } from './json-elements.ts';

export type InputFormat = 'csv' | 'tsv' | 'lines' | 'jsonl';

export interface Dialect {
  readonly format: InputFormat;
  readonly delimiter: string;
}

interface Wanted {
  readonly inputFormat?: InputFormat | undefined;
  readonly delimiter?: string | undefined;
  readonly noHeader: boolean;
}

const byExtension = new Map<string, InputFormat>([
  ['csv', 'csv'],
  ['tsv', 'tsv'],
  ['tab', 'tsv'],
  ['jsonl', 'jsonl'],
  ['ndjson', 'jsonl'],
  ['json', 'jsonl'],
]);

/**
 * What the input is: as it was said, else by the file's name (without .gz, .br, .zst), else by its first lines.
 *
 * @param ended whether `head` is the whole input, so that its last line is complete
 * @throws UsageError when the lines may be a list of URLs as well as a CSV without a header
 */
export function findDialect(head: string, name: string, wanted: Wanted, ended = true): Dialect {
  const extension = /\.([a-z]+)(?:\.(?:gz|br|zst))?$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  const named = wanted.inputFormat ?? byExtension.get(extension);
  if (named === 'lines' || named === 'jsonl') return { format: named, delimiter: ',' };
  const said = wanted.delimiter === 'tab' || wanted.delimiter === '\\t' ? '\t' : wanted.delimiter;
  const delimiter = said ?? (named === 'tsv' ? '\t' : mostFrequentDelimiter(head));
  if (named !== undefined) return { format: named, delimiter };
  if (said === undefined) {
    const lines = completeLines(head, ended);
    if (startsJson(head)) return { format: 'jsonl', delimiter };
    if (isUrlList(lines.slice(0, linesSeen), delimiter, name, wanted.noHeader))
      return { format: 'lines', delimiter };
  }
  return { format: delimiter === '\t' ? 'tsv' : 'csv', delimiter };
}

/**
 * Whether the first lines are there that tell the dialect: the header line, and as many as are looked at where the
 * first may be the first of a list.
 */
export function tellsDialect(head: string): boolean {
  const lines = completeLines(head.replaceAll(quoted, ''), false);
  const [first = '"'] = lines;
  if (!/[\r\n]/.test(head.trimStart()) || first.includes('"')) return false;
  const plain = hasScheme(first) ? !/[,;\t|]/.test(first) : !isHostName(first);
  return plain || lines.length > linesSeen;
}

/** How many lines are looked at to tell a list of URLs. */
const linesSeen = 100;

/** Cells in quotes, which may hold delimiters and line ends. */
const quoted = /"[^"]*"/g;

const delimiters = [',', ';', '\t', '|'];

/** Of the delimiters outside quotes in the first line; the first of those that are as frequent. */
function mostFrequentDelimiter(head: string): string {
  const [line = ''] = completeLines(head.replaceAll(quoted, ''), true);
  const counts = delimiters.map((delimiter) => line.split(delimiter).length);
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ',';
}

/** The lines that are not blank, without the last one where its end is not there yet. */
function completeLines(text: string, ended: boolean): string[] {
  const lines = text.split(/\r\n|\n|\r/);
  // A line that is longer than what is looked at stands for itself.
  if (!ended && lines.length > 1) lines.pop();
  return lines.filter((line) => line.trim() !== '');
}

/** A header line is no URL: when the first line is one, there is no header, and the file is a list. */
function isUrlList(lines: readonly string[], delimiter: string, name: string, noHeader: boolean): boolean {
  const [first = ''] = lines;
  const fits = hasScheme(first) ? looksLikeUrl : isHostName;
  if (!lines.every(fits) || lines.length === 0) return false;
  const counts = new Set(lines.map((line) => line.split(delimiter).length));
  if (lines.length > 1 && counts.size === 1 && !counts.has(1)) {
    if (noHeader) return false;
    throw new UsageError(
      `${name}: may be a CSV without a header or a list of URLs; say which: --no-header or --input-format lines`,
    );
  }
  return true;
}

function looksLikeUrl(line: string): boolean {
  return hasScheme(line) || isHostName(line);
}

/** A name of letters of any script with a dot in it, or an IPv4 address; then a port and a path, perhaps. */
function isHostName(line: string): boolean {
  return /^(?:(?:[\p{L}\p{N}-]+\.)+\p{L}[\p{L}\p{N}-]*|\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?(?:\/\S*)?$/iu.test(
    line.trim(),
  );
}
