import { readFileSync } from 'node:fs';

import type { CommandLine } from '../src/cli/command-line.ts';
import { commands } from '../src/cli/commands.ts';
import { allExitCodes } from '../src/cli/exit-codes.ts';
import type { Option } from '../src/options/define.ts';
import { environmentName, groups, shownDefault, shownFlag } from '../src/options/table.ts';
import { extractors } from '../src/process/extractors.ts';
import { failures } from '../src/shared/failures.ts';
import type { Failure } from '../src/shared/failures.ts';
import { logEvents } from '../src/watch/log.ts';
import { columns } from '../src/write/columns.ts';

import { manPage } from './man-page.ts';

/** The generated pages of docs/, by file name. */
export function generatedPages(): Readonly<Record<string, string>> {
  return {
    'options.md': optionsPage(),
    'columns.md': columnsPage(),
    'failures.md': failuresPage(),
    'summary.md': summaryPage(),
    'urlmill.1': manPage(),
  };
}

const mark = '<!-- Made from the tables in src/ by "npm run docs". -->\n';

function optionsPage(): string {
  const parts = groups.map(({ title, options }) => {
    const rows = Object.entries(options).map(([name, option]) =>
      // For a switch that is on by default, show how to turn it off.
      optionCells(name, option).concat(
        code(`${environmentName(name)}${option.kind === 'switch' && option.fallback !== '' ? '=false' : ''}`),
      ),
    );
    return `## ${title}\n\n${markdownTable([...optionHead, 'environment'], rows)}`;
  });
  return [
    `# Options\n\n${mark}`,
    'On the command line, write an option as `--name value` or `--name=value`; `--no-name` turns a switch `--name` off.\n' +
      'Durations: `500ms`, `30s`, `5m`, `6h`. Sizes: `64kB`, `10MB`, `1GiB`.\n',
    'Options can also be set in the environment, by the variables in the last column, and in a JSON file (`--config FILE` or\n' +
      '`URLMILL_CONFIG`), by the names below without dashes or in camelCase. The command line overrides the environment, which\n' +
      'overrides the file. In the environment a list has one value per line. In the library the names are in camelCase.\n',
    ...parts,
    '## Log\n\nWith `--log-format json` each line on standard error is a JSON object with `time` (UTC, ISO 8601), `level` (`error`,\n' +
      '`warning` or `info`), `event`, `message` (the same words as in the text format), and the figures of the event. `-q`\n' +
      'leaves out `notice`, `insecure`, the regular `progress`, and `closing` unless the run ended early. The names of events\n' +
      'and figures will not change; new ones may be added.\n',
    markdownTable(
      ['event', 'level', 'meaning, and figures'],
      Object.entries(logEvents).map(([event, { level, help }]) => [code(event), level, help]),
    ),
    'Two kinds of output are not JSON: what Node itself writes as it dies, for example when memory runs out, and what other\n' +
      'processes that a module starts write. Of the sub-commands, only `urlmill work` has `--log-format`; its `closing` has\n' +
      'neither `leftIn` nor `canResume`.\n',
    `## Exit codes\n\n${markdownTable(['code', 'meaning'], Object.entries(allExitCodes))}`,
    '## Commands\n\nThe first word of the command line may be the name of a command: `urlmill completion bash`. Write a FILE with such a\n' +
      'name as `./completion`. Commands take their options from the command line only: the environment and `--config` are for\n' +
      'runs, except `URLMILL_QUEUE`, which stands for `--queue`. A command ends with 0, or with 1, 2, 3, 4 or 141 as above,\n' +
      'unless its own help says more.\n',
    ...Object.values(commands).map(commandPart),
  ].join('\n');
}

const optionHead = ['option', 'default', 'meaning'];

function optionCells(name: string, option: Option<unknown, unknown>): string[] {
  return [
    code(`${option.short === null ? '' : `-${option.short}, `}${shownFlag(name, option)}`),
    shownDefault(option) === '' ? '–' : code(shownDefault(option)),
    option.help,
  ];
}

function commandPart(line: CommandLine): string {
  const tables = line.groups.slice(0, -1).map(({ title, options }) => {
    const rows = Object.entries(options).map(([name, option]) => optionCells(name, option));
    return `#### ${title}\n\n${markdownTable(optionHead, rows)}`;
  });
  return [`${`### ${line.name} ${line.operands}`.trimEnd()}\n\n${line.help}\n`, ...tables].join('\n');
}

/** docs/summary.md, made from the doc comments of the type, which editors show too. */
function summaryPage(): string {
  const source = readFileSync(new URL('../../src/watch/summary.ts', import.meta.url), 'utf8');
  const [, body = ''] = /export interface Summary \{\n(.*?)\n\}/s.exec(source) ?? [];
  const fields = [...body.matchAll(/ {2}\/\*\* (.*?) \*\/\n {2}readonly (\w+)/g)];
  if (fields.length !== body.split('  readonly ').length - 1)
    throw new Error('each field of Summary needs a doc comment of one line, for docs/summary.md');
  const rows = fields.map(([, help = '', name = '']) => [code(name), help]);
  return [
    `# The summary of a run\n\n${mark}`,
    '`--summary FILE` writes it as JSON at the end of a run, even of one that was stopped or failed; `run()` of the library\n' +
      'returns it.\n',
    markdownTable(['field', 'meaning'], rows),
  ].join('\n');
}

function columnsPage(): string {
  const results = Object.entries(columns).map(([name, { help, standard }]) => [
    code(`fetch_${name}`),
    standard ? 'yes' : `\`--columns +${name}\``,
    help,
  ]);
  const saved = [
    code('fetch_file'),
    code('--save-bodies DIR'),
    'Path of the saved body below DIR. With `--save-format warc`: NAME#OFFSET, the file and the byte where the response begins in it. Empty if no body was saved.',
  ];
  const extracted = Object.entries(extractors).map(([name, { help }]) => [
    code(`fetch_${name}`),
    code(`--extract ${name}`),
    help,
  ]);
  return [
    `# Result columns\n\n${mark}`,
    "These columns follow the input's own cells: the default ones in this order, others in the order in which `--columns`\n" +
      'names them. `--prefix` changes `fetch_`.\n',
    markdownTable(['column', 'by default', 'meaning'], results),
    'Then come the column of the saved file and those of extractors, in the order in which `--extract` names them:\n',
    markdownTable(['column', 'asked for by', 'meaning'], [saved, ...extracted]),
    'All extractors read a page in one pass, which ends as soon as all values are known: after the head for `title` alone, at\n' +
      'the end of the page for values that are missing or may come anywhere.\n',
    '- **Scripts do not run.** The values are those of a browser without scripts, so the content of `noscript` is part of the\n' +
      '  page, except for `text` and what is made from it.\n' +
      '- **XHTML** is read as XML if its media type is `application/xhtml+xml`, or another XML type and the root is `html` in\n' +
      '  the XHTML namespace.\n' +
      '- **Malformed pages**: tags count in the order of the source. An element that a browser would move or duplicate (a link\n' +
      '  that is open at the end of its block, links between the rows of a table) is given once, in its place.\n' +
      '- **Links** are absolute, and their queries are encoded in the charset of the page. URLs in headers are relative to the\n' +
      '  page, not to its base element. If a very long base URL would make the links many times as long as the page, the row is\n' +
      '  `process-failed`.\n' +
      '- **`text`** ignores style sheets and the `hidden` attribute, so it includes text that they hide. It leaves out drawings,\n' +
      '  text fields, and the fallback content of audio and video.\n' +
      '- **`images`** takes no account of screen sizes: for an image that comes in several sizes it gives `src`.\n' +
      '- **Pages that are not HTML** have empty cells, with these exceptions: `sha256`; `text_sha256`, which is then the hash of\n' +
      '  the body; `sitemap_urls`, which is for such files; and `robots`, `hreflang` and `feeds`, as any file can have their\n' +
      '  headers.\n',
    '`article`, `article_title` and `byline` are what Mozilla’s Readability finds, which Firefox uses for its reader view. A\n' +
      'page counts as no article if Readability finds nothing, if most of the text is in links, or if the text is shorter than\n' +
      '140 characters and the page has no `article` element. `microdata` follows the HTML Standard. These four need a tree of\n' +
      'the page, which takes some milliseconds for each page. They are empty for a page that is larger or more deeply nested\n' +
      'than any real one (over a million nodes, or 5,000 levels).\n',
    '`published` is the first of these that is a date:\n',
    '1. `datePublished` in JSON-LD, of articles before other items. Only the outermost items count, those of `@graph`, and\n' +
      '   their `mainEntity`.\n' +
      '2. `meta` elements, in this order: `article:published_time`, `og:published_time`, `datePublished`,\n' +
      '   `citation_publication_date`, `parsely-pub-date`, `sailthru.date`, `dcterms.issued`, `dc.date.issued`,\n' +
      '   `dcterms.created`, `dc.date`, `pubdate`, `publish-date` and the like, `date`.\n' +
      '3. A `time` element with `pubdate` or `itemprop=datePublished`, or an `abbr` element with that `itemprop` or the class\n' +
      '   `published`.\n' +
      '4. The first `time` in the first `article`.\n',
    'A date without its day counts only if there is no whole date. These forms are converted to ISO 8601: RFC 5322\n' +
      '(`Wed, 1 May 2024 10:00:00 +0200`), English names of months, `2024/05/01`, `25.12.2024`, and seconds since 1970. `01/05/2024` is\n' +
      'skipped, because it has two meanings. Times are not converted to another time zone, and a time without a zone stays so.\n',
    '`language` is the language of the text itself; what the page declares is in `lang`. Up to eight pieces of the first 64 kB\n' +
      'of the text vote. The cell is empty if no piece has 20 letters, or if no guess is reliable. It knows 60 languages,\n' +
      'and gives Indonesian as Malay (`ms`), Macedonian as Serbian (`sr`), and both forms of Norwegian as `no`.\n',
    '`words` counts the pieces between spaces that have a letter or digit; in Chinese and Japanese each character counts. For\n' +
      'Thai, Lao, Khmer and Burmese, which are written without spaces, the number is too low.\n',
    'Last come the columns that you name yourself: those of `--select`, `--xpath`, `--json`, `--regex`, `--response-header`,\n' +
      '`--body` and `--module`, in this order, and for each option in the order given. If two of them have the same name, or\n' +
      'the input already has a column of that name, the run ends before the first request (exit 2).\n' +
      '[recipes.md](recipes.md#values-out-of-pages) describes their values.\n',
    'A row with more cells than the header is `bad-row`. Its surplus cells follow the last of all these columns, so that all\n' +
      'other cells stay below their own names.\n',
  ].join('\n');
}

function failuresPage(): string {
  const rows = Object.entries(failures as Record<string, Failure>).map(([name, { group, retry, help }]) => [
    code(name),
    group,
    retry ? 'yes' : 'no',
    help,
  ]);
  return [
    `# Failure codes\n\n${mark}`,
    'These are the values of `fetch_error` when a row failed. An HTTP status is not a failure: it is in `fetch_status`.\n' +
      '`fetch_error_detail` (`--columns +error_detail`) says in words what went wrong.\n',
    markdownTable(['code', 'group', 'retried', 'meaning'], rows),
    'A damaged line of the input also becomes a `bad-row`, and the run continues with the next line. One message on stderr\n' +
      'names the first such line and what can be done about it; `fetch_error_detail` names the line of each such row.\n',
    '- **Not UTF-8**: the bytes are written back unchanged, so that a list in another encoding loses nothing. They become\n' +
      '  U+FFFD if the output is JSON Lines, which cannot hold them, or if the input is in another encoding (UTF-16, or that of\n' +
      '  `--encoding`).\n' +
      '- **A quote that does not close** within 16 MiB: its line becomes a row of its own, in which the quote is an ordinary\n' +
      '  character. The next line is the next row.\n' +
      '- **A line longer than 16 MiB**: only the cells that end within its first 64 KiB are written back.\n' +
      '- **A line of JSON Lines that is not an object**: its cells are empty, and its text follows the last column.\n',
    'The elements of a JSON array, and objects over several lines, are read like lines of JSON Lines. If the input ends\n' +
      'within one, the run ends with exit code 3 after the rows before it.\n',
    'If the header, the first line of an input without a header, or the first object of JSON Lines is damaged, the run ends\n' +
      'with exit code 3 before the first request. If the input cannot be read any further, the run ends with exit code 3 after\n' +
      'all rows before that place.\n',
  ].join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(tableLine).join('');
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
}
