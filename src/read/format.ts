import { UsageError } from '../errors.ts';
import { hasScheme } from './url-text.ts';

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

const byExtension: Readonly<Record<string, InputFormat>> = {
  csv: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
};

/**
 * What the input is: as it was said, else by the file's name (without .gz, .br, .zst), else by its first lines.
 *
 * @throws UsageError when the lines may be a list of URLs as well as a CSV without a header
 */
export function findDialect(head: string, name: string, wanted: Wanted): Dialect {
  const extension = /\.([a-z]+)(?:\.(?:gz|br|zst))?$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  const named = wanted.inputFormat ?? byExtension[extension];
  if (named === 'lines' || named === 'jsonl') return { format: named, delimiter: ',' };
  const lines = head.split(/\r\n|\n|\r/).filter((line) => line.trim() !== '');
  const said = wanted.delimiter === 'tab' || wanted.delimiter === '\\t' ? '\t' : wanted.delimiter;
  const delimiter = said ?? (named === 'tsv' ? '\t' : mostFrequentDelimiter(lines[0] ?? ''));
  if (named !== undefined) return { format: named, delimiter };
  if (said === undefined) {
    if (/^\s*\{/.test(lines[0] ?? '')) return { format: 'jsonl', delimiter };
    if (isUrlList(lines.slice(0, 100), delimiter, name, wanted.noHeader))
      return { format: 'lines', delimiter };
  }
  return { format: delimiter === '\t' ? 'tsv' : 'csv', delimiter };
}

const delimiters = [',', ';', '\t', '|'];

function mostFrequentDelimiter(line: string): string {
  const outside = line.replaceAll(/"[^"]*"/g, '');
  const counts = delimiters.map((delimiter) => outside.split(delimiter).length);
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ',';
}

/** A header line is no URL: when the first line is one, there is no header, and the file is a list. */
function isUrlList(lines: readonly string[], delimiter: string, name: string, noHeader: boolean): boolean {
  const looksLikeUrl = lines.some((line) => hasScheme(line)) ? hasScheme : isHostName;
  if (lines.length === 0 || !lines.every((line) => looksLikeUrl(line))) return false;
  const counts = new Set(lines.map((line) => line.split(delimiter).length));
  if (lines.length > 1 && counts.size === 1 && !counts.has(1)) {
    if (noHeader) return false;
    throw new UsageError(
      `${name}: may be a CSV without a header or a list of URLs; say which: --no-header or --input-format lines`,
    );
  }
  return true;
}

function isHostName(line: string): boolean {
  return /^(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*(?::\d+)?(?:\/\S*)?$/i.test(line.trim());
}
