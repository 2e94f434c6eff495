import { UsageError } from '../shared/errors.ts';
import type { Dialect, Wanted } from './dialect.ts';
import { isHeader } from './header-line.ts';
import type { Line } from './lines.ts';
import { RecordReader, isWhollyQuoted } from './record-reader.ts';
import type { Syntax } from './record-reader.ts';
import { looksLikeUrl } from '../shared/url-like.ts';

export const delimiters = [',', ';', '\t', '|'];

type Found = Omit<Dialect, 'format'>;

/**
 * Finds how the lines of a table are cut into cells, and where the table begins.
 *
 * @param head its first lines that are not blank
 * @param possible delimiters that it may have, the likeliest first
 * @throws UsageError when its header seems to stand further down
 */
export function findSyntax(
  head: readonly Line[],
  name: string,
  wanted: Wanted,
  possible: readonly string[],
): Found {
  const sep = /^"?sep=([^"\s]|\t)"?[,;\t|]*$/i.exec(head[0]?.text ?? '')?.[1];
  const behindSep = sep === undefined ? head : head.slice(1);
  const said = saidDelimiter(wanted) ?? sep;
  const tried = said === undefined ? possible : [said];
  const lines = behindSep.slice(leadingComments(behindSep, tried, wanted));
  const fit = bestFit(lines, tried, wanted);
  refusePreamble(lines, name, fit, wanted);
  const hasHeader = isHeader(fit.records, wanted);
  const isList = !hasHeader && wanted.noHeader !== true && isNarrow(fit);
  return {
    syntax: isList ? { ...fit.syntax, comment: wanted.comment ?? '#' } : fit.syntax,
    hasHeader,
    skip: head[head.length - lines.length - 1]?.number ?? 0,
    comments: behindSep.length - lines.length,
  };
}

function saidDelimiter({ delimiter }: Wanted): string | undefined {
  return delimiter === 'tab' || delimiter === '\\t' ? '\t' : delimiter;
}

/** Lines as one syntax cuts them. */
interface Fit {
  readonly syntax: Syntax;
  readonly records: readonly (readonly string[])[];
  /** Cells of the first record. */
  readonly width: number;
  /** How many records have as many cells as the first; empty ones beyond these do not count. */
  readonly fitting: number;
  /** How many records have a cell that is a URL. */
  readonly withUrl: number;
  /** How many records have a quoted cell with text behind the closing quote: so they were cut wrongly. */
  readonly torn: number;
}

function fitOf(lines: readonly Line[], syntax: Syntax): Fit {
  const records = recordsOf(lines, syntax).map(({ cells }) => cells);
  const width = records[0]?.length ?? 0;
  return {
    syntax,
    records,
    width,
    fitting: records.filter((cells) => isOfWidth(cells, width)).length,
    withUrl: records.filter((cells) => cells.some(looksLikeUrl)).length,
    torn: records.filter((cells) => cells.some((cell) => cell.startsWith(syntax.quote ?? '\n'))).length,
  };
}

function isOfWidth(cells: readonly string[], width: number): boolean {
  return cells.length >= width && cells.slice(width).every((cell) => cell === '');
}

interface Numbered {
  readonly cells: readonly string[];
  /** Of its first line. */
  readonly line: number;
}

/** The records that are complete in these lines. */
function recordsOf(lines: readonly Line[], syntax: Syntax): Numbered[] {
  const reader = new RecordReader('', syntax);
  const records: Numbered[] = [];
  let start: number | null = null;
  for (const line of lines) {
    start ??= line.number;
    if (!reader.hasRoomFor(line)) break;
    reader.add(line);
    for (const { cells } of reader.taken()) records.push({ cells, line: start });
    if (!reader.isOpen) start = null;
  }
  return records;
}

/** The syntax by which the most records have as many cells as the first one, if that has several. */
function bestFit(lines: readonly Line[], possible: readonly string[], wanted: Wanted): Fit {
  const fits = possible.map((delimiter) => quotedFit(lines, delimiter, wanted));
  const wide = fits.filter(({ width }) => width > 1).toSorted(moreFitting)[0];
  // The comma of one URL makes no table of a list.
  const isTable = wide !== undefined && (wide.fitting * 2 >= wide.records.length || !isListOfUrls(lines));
  const fit = isTable ? wide : (fits.find((one) => isNarrow(one) || isWiderThanHeader(one)) ?? fits[0]);
  if (fit === undefined) throw new TypeError('no delimiter to try');
  return wrappedFit(lines, fit) ?? fit;
}

function moreFitting(a: Fit, b: Fit): number {
  return b.fitting - a.fitting || a.torn - b.torn || b.withUrl - a.withUrl || b.width - a.width;
}

function isNarrow({ records }: Fit): boolean {
  return records.every((cells) => cells.length === 1);
}

/** Whether all rows behind the header have the same number of cells, and more than one. */
function isWiderThanHeader({ records: [, first = [], ...others] }: Fit): boolean {
  return first.length > 1 && others.every((cells) => cells.length === first.length);
}

/** Whether the first line and most others are URLs as a whole. If the first is none, its delimiters separate cells. */
function isListOfUrls(lines: readonly Line[]): boolean {
  if (!looksLikeUrl(lines[0]?.text ?? '')) return false;
  return lines.filter(({ text }) => looksLikeUrl(text)).length * 2 > lines.length;
}

/** The fit with the quotes of the option, or else with double ones, or with none or single ones where cells show that. */
function quotedFit(lines: readonly Line[], delimiter: string, wanted: Wanted): Fit {
  const { quote, escape = null, comment = null } = wanted;
  const by = (one: string | null): Fit =>
    fitOf(lines, {
      delimiter,
      quote: one,
      escape: escape === one ? null : escape,
      comment,
      isWrapped: false,
    });
  if (quote !== undefined) return by(quote === 'none' ? null : quote);
  const double = by('"');
  // A run quotes the cells that need it by double ones, and these cells may all come later.
  const isResult = isOfRun(double, wanted);
  if (!isResult && hasSingleQuotes(lines, delimiter)) {
    const single = by("'");
    if (single.fitting >= double.fitting) return single;
  }
  if (delimiter === '\t') {
    const none = by(null);
    const hasQuoted = none.records.some((cells) => cells.some((cell) => /^".*"$/s.test(cell)));
    const mayHave = hasQuoted || (double.torn === 0 && isResult);
    const isQuoted = double.fitting > none.fitting || (mayHave && double.fitting === none.fitting);
    return isQuoted || none.records[0]?.every(isWhollyQuoted) === true ? double : none;
  }
  return double;
}

function isOfRun({ records: [header = []] }: Fit, { resultColumn, runColumn }: Wanted): boolean {
  return header.some((name) => name === resultColumn || name === runColumn);
}

/** Whether each line but the first, which may be a header, has a cell in single quotes, and none has double ones. */
function hasSingleQuotes(lines: readonly Line[], delimiter: string): boolean {
  const rows = lines.length > 1 ? lines.slice(1) : lines;
  const cell = new RegExp(String.raw`(?:^|[${delimiter}]) *'[^']*' *(?:[${delimiter}]|$)`);
  return rows.every(({ text }) => cell.test(text) && !/(?:^|[,;|]) *"/.test(text));
}

/** The fit for lines that are each one quoted cell with a record in it (the header may not be); null for other lines. */
function wrappedFit(lines: readonly Line[], { syntax }: Fit): Fit | null {
  if (lines.length < 2 || syntax.quote !== '"' || !lines.slice(1).every(({ text }) => isWhollyQuoted(text)))
    return null;
  const fits = delimiters.map((delimiter) => fitOf(lines, { ...syntax, delimiter, isWrapped: true }));
  const fit = fits.filter(({ width }) => width > 1).toSorted(moreFitting)[0];
  // A URL may hold what looks like a delimiter.
  const isList =
    fit === undefined || isListOfUrls(lines.map((line) => ({ ...line, text: line.text.slice(1) })));
  return isList || fit.fitting < lines.length ? null : fit;
}

/** How many lines at the beginning are comments: they begin with # and are no header of what follows. */
function leadingComments(lines: readonly Line[], possible: readonly string[], wanted: Wanted): number {
  if (wanted.comment !== undefined || wanted.headerLine === true) return 0;
  const count = lines.findIndex(({ text }) => !text.startsWith('#'));
  if (count < 1) return 0;
  const { syntax, width } = bestFit(lines.slice(count), possible, wanted);
  const isOfTable = width > 1 && recordsOf(lines.slice(0, count), syntax).at(-1)?.cells.length === width;
  return isOfTable ? 0 : count;
}

/** A title or a date may stand above the header. @throws UsageError where that seems to be so */
function refusePreamble(lines: readonly Line[], name: string, fit: Fit, wanted: Wanted): void {
  const fits = fit.width > 1 && fit.fitting * 2 > fit.records.length;
  if (fits || wanted.noHeader === true || wanted.headerLine === true) return;
  for (const delimiter of delimiters) {
    const records = recordsOf(lines, { ...fit.syntax, delimiter, isWrapped: false });
    const header = headerBehind(records);
    if (header === null) continue;
    const line = header.line + (wanted.skipLines ?? 0);
    throw new UsageError(
      `${name}: the header seems to stand in line ${line}, behind lines of another kind; say --skip-lines ${line - 1}, or --header when it is line 1`,
    );
  }
}

/**
 * The header that stands below other lines: a record of several cells, none of them a URL, behind which all records
 * have as many cells, and some a URL. Null when there is none.
 */
function headerBehind(records: readonly Numbered[]): Numbered | null {
  const width = records.at(-1)?.cells.length ?? 0;
  const start = records.findLastIndex(({ cells }) => !isOfWidth(cells, width)) + 1;
  const [header, ...rows] = records.slice(start);
  if (start === 0 || width < 2 || header === undefined || header.cells.some(looksLikeUrl)) return null;
  return rows.some(({ cells }) => cells.some(looksLikeUrl)) ? header : null;
}

/** Whether a header line and a row leave no doubt. */
export function isSyntaxPlain(header: Line, row: Line): boolean {
  if (/^#|^"?sep=/i.test(header.text) || /(?:^|[,;\t|])\s*'/.test(row.text)) return false;
  const fits = delimiters.map((delimiter) =>
    fitOf([header, row], { delimiter, quote: '"', escape: null, comment: null, isWrapped: false }),
  );
  const wide = fits.filter(({ width, torn }) => width > 1 && torn === 0);
  const [fit = fits[0]] = wide;
  const hasRow = fit?.fitting === 2 && fit.withUrl === 1 && fit.records[0]?.some(looksLikeUrl) === false;
  if (wide.length > 0) return hasRow && wide.length === 1;
  return hasRow && delimiters.every((delimiter) => !`${header.text}${row.text}`.includes(delimiter));
}
