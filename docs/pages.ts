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
    'On the command line an option is written `--name value` or `--name=value`; `--no-name` turns a switch `--name`\n' +
      'off. Durations: `500ms`, `30s`, `5m`, `6h`. Sizes: `64kB`, `10MB`, `1GiB`.\n',
    'All options can also be given in a JSON file (`--config FILE`, or `URLMILL_CONFIG`), named as below without dashes or\n' +
      'in camelCase, and in the environment. The command line wins, then the environment, then the file. In the environment\n' +
      'a list has one value per line. In the library the names are camelCase.\n',
    ...parts,
    '## Log\n\nWith `--log-format json` each line on standard error is a JSON object: `time` (UTC, ISO 8601), `level` (`error`,\n' +
      '`warning`, `info`), `event`, `message` (the words of the text format), and the figures of the event. With `-q` only\n' +
      'errors come, what modules print, and `closing` when the run has ended early. Names of events and figures stay; new ones may\n' +
      'be added.\n',
    markdownTable(
      ['event', 'level', 'meaning, and figures'],
      Object.entries(logEvents).map(([event, { level, help }]) => [code(event), level, help]),
    ),
    'What is said by no one but Node as it dies, for lack of memory say, and what other processes write that a module starts,\n' +
      'is no JSON. Sub-commands have no such option.\n',
    `## Exit codes\n\n${markdownTable(['code', 'meaning'], Object.entries(allExitCodes))}`,
    '## Commands\n\nA command is told by its name, the first word: `urlmill completion bash`. A FILE of such a name is given as\n' +
      '`./completion`. A command takes its options from the command line alone: the environment and `--config` are for what\n' +
      'fetches. Its exit codes are 0, and 1, 2, 3, 4 and 141 as above, where its own help does not say more.\n',
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

/** Made from the doc comments of the type, which editors show too. */
function summaryPage(): string {
  const source = readFileSync(new URL('../../src/watch/summary.ts', import.meta.url), 'utf8');
  const [, body = ''] = /export interface Summary \{\n(.*?)\n\}/s.exec(source) ?? [];
  const fields = [...body.matchAll(/ {2}\/\*\* (.*?) \*\/\n {2}readonly (\w+)/g)];
  if (fields.length !== body.split('  readonly ').length - 1)
    throw new Error('each field of Summary needs a doc comment of one line, for docs/summary.md');
  const rows = fields.map(([, help = '', name = '']) => [code(name), help]);
  return [
    `# The summary of a run\n\n${mark}`,
    '`--summary FILE` writes it as JSON at the end of a run, also of one that was stopped or has failed; `run()` of the library\n' +
      'returns it. Without `--since` there are no rows in `byChange`.\n',
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
    'Path of the saved body below DIR; empty without a body or for an empty one.',
  ];
  const extracted = Object.entries(extractors).map(([name, { help }]) => [
    code(`fetch_${name}`),
    code(`--extract ${name}`),
    help,
  ]);
  return [
    `# Result columns\n\n${mark}`,
    "They follow the input's own cells, in this order. `fetch_` can be changed by `--prefix`.\n",
    markdownTable(['column', 'by default', 'meaning'], results),
    'The column of the saved file follows, then columns of extractors, in the order in which they were asked for:\n',
    markdownTable(['column', 'asked for by', 'meaning'], [saved, ...extracted]),
    'Extractors read a page in one pass, which ends when all values are known: behind the head for `title` alone, at the\n' +
      'end of the page for values that may come anywhere or are missing. Values are those of a browser without scripts, so\n' +
      'the content of `noscript` is a part of the page, except for `text`. XHTML is read as XML if its media type says so, or\n' +
      'the root is `html` in the namespace of XHTML. In malformed pages tags count in the order of the source: elements that\n' +
      'a browser would move or duplicate (a link that is open at the end of its block, links between the rows of a table)\n' +
      'are given once, in their place. The query of a link is encoded in the charset of the page. `text` ignores styles and\n' +
      'the `hidden` attribute, and leaves out drawings, text fields, and fallback content of audio and video. For pages that\n' +
      'are not HTML the cells are empty, but for `sitemap_urls`, which is of them only, and `robots`, `hreflang` and `feeds`,\n' +
      'which headers can tell of any file. URLs in headers are relative to the page, not to its base element. `images` takes no\n' +
      'account of screens: of an image that comes in several sizes it names `src`. If a very long base URL would make the\n' +
      'links many times as long as the page, the row is `process-failed`.\n',
    '`article`, `article_title` and `byline` are what Mozilla’s Readability finds, the reader view of Firefox. A page is\n' +
      'no article when it finds nothing, most of the text is in links, or it is shorter than 140 letters and the page has no\n' +
      '`article` element. `microdata` follows the HTML Standard. These four need a tree of the page, some milliseconds each;\n' +
      'for a page that is larger or nested deeper than any real one (a million nodes, 5,000 deep) they are empty.\n',
    '`published` is the first of these that is a date: `datePublished` of JSON-LD, of articles before other items (the\n' +
      'outermost ones, those of `@graph`, and their `mainEntity`); `meta` elements by their names: `article:published_time`,\n' +
      '`og:published_time`, `datePublished`, `citation_publication_date`, `parsely-pub-date`, `sailthru.date`,\n' +
      '`dcterms.issued`, `dc.date.issued`, `dcterms.created`, `dc.date`, `pubdate`, `publish-date` and the like, `date`; a\n' +
      '`time` element with `pubdate` or `itemprop=datePublished`, or such an `abbr`; the first `time` in the first `article`. A date without its\n' +
      'day counts when there is no whole one. RFC 5322 (`Wed, 1 May 2024 10:00:00 +0200`), names of months in English,\n' +
      '`2024/05/01`, `25.12.2024` and seconds since 1970 become ISO 8601; `01/05/2024`, which has two meanings, is passed\n' +
      'over. Nothing is converted to another time zone, and a time without one stays so.\n',
    '`language` is the language of the text, whatever the page says (`lang`). Eight pieces of its first 64 kB vote; it is\n' +
      'empty below 20 letters, and when none is sure. Of 60 languages, Indonesian is told as Malay (`ms`), Macedonian as\n' +
      'Serbian, and both Norwegian ones as `no`. `words` counts what stands between spaces and has a letter or digit; in\n' +
      'Chinese and Japanese each letter counts. Thai, Lao, Khmer and Burmese, which are written without spaces, count too low.\n',
    'The columns that you name follow: of `--select`, `--xpath`, `--json`, `--regex`, `--response-header`, `--body` and\n' +
      '`--module`, in this order, and for each option in the order given. A name that the input has already, or that is\n' +
      'given twice, ends the run before the first request (exit 2). Their values are described in\n' +
      '[recipes.md](recipes.md#values-out-of-pages).\n',
    'A row with more cells than the header is `bad-row`. Its surplus cells follow the last of all these columns, so that every\n' +
      'other cell is below its own name.\n',
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
    'The values of `fetch_error` when a row failed. An HTTP status is not a failure: it is in `fetch_status`. Details in\n' +
      'words are in `fetch_error_detail` (`--columns +error_detail`).\n',
    markdownTable(['code', 'group', 'retried', 'meaning'], rows),
    'A damaged line becomes a `bad-row` too, and the run continues with the next one. One message on stderr names the first\n' +
      'such line and what can be done about it; `fetch_error_detail` names the line of each.\n',
    '- **Not UTF-8**: the bytes are written back unchanged, so that a list in another encoding loses nothing. They become\n' +
      '  U+FFFD in JSON Lines, which cannot hold them, and if the input had another encoding (UTF-16, `--encoding`).\n' +
      '- **A quote that does not close** within 16 MiB: its line is the row, and the quote is an ordinary character in it.\n' +
      '  The next line is the next row.\n' +
      '- **A line longer than 16 MiB**: only the cells that end within its first 64 KiB are written back.\n' +
      '- **A line of JSON Lines that is not an object**: its cells are empty, and its text follows the last column.\n',
    'The elements of a JSON array, and objects over several lines, are read like lines of JSON Lines. If the input ends\n' +
      'within one, the run ends with exit code 3 after the rows before it.\n',
    'The run ends before the first request, with exit code 3, if the header, the first line of an input without a header,\n' +
      'or the first object of JSON Lines is damaged. If the input cannot be read any further, the run ends with exit code 3\n' +
      'after all rows before that.\n',
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
