import { exitCodes } from '../src/cli/exit-codes.ts';
import type { Option } from '../src/options/define.ts';
import { environmentName, flagName, groups } from '../src/options/table.ts';
import { extractors } from '../src/process/extractors.ts';
import { failures } from '../src/shared/failures.ts';
import type { Failure } from '../src/shared/failures.ts';
import { columns } from '../src/write/columns.ts';

/** The pages of docs/ that are made from the tables, by file name. */
export function generatedPages(): Readonly<Record<string, string>> {
  return { 'options.md': optionsPage(), 'columns.md': columnsPage(), 'failures.md': failuresPage() };
}

const mark = '<!-- Made from the tables in src/ by "npm run docs". -->\n';

function optionsPage(): string {
  const parts = groups.map(({ title, options }) => {
    const rows = Object.entries(options as Record<string, Option<unknown, unknown>>).map(([name, option]) => [
      code(
        [option.short === null ? '' : `-${option.short}, `, `--${flagName(name)} ${option.hint}`.trim()].join(
          '',
        ),
      ),
      option.fallback === '' ? '–' : code(option.fallback),
      option.help,
      code(environmentName(name)),
    ]);
    return `## ${title}\n\n${markdownTable(['option', 'default', 'meaning', 'environment'], rows)}`;
  });
  const codes = Object.values(exitCodes).map(({ code: number, help }) => [String(number), help]);
  return [
    `# Options\n\n${mark}`,
    'On the command line an option is written `--name value` or `--name=value`; a switch `--name` is turned off by\n' +
      '`--no-name`. Durations: `500ms`, `30s`, `5m`, `6h`. Sizes: `64kB`, `10MB`, `1GiB`.\n',
    'All options can stand in a JSON file (`--config FILE`, or `URLMILL_CONFIG`), by the names below without dashes or\n' +
      'in camelCase, and in the environment. The command line wins, then the environment, then the file. A list in the\n' +
      'environment has one value a line. In the library the names are camelCase.\n',
    ...parts,
    `## Exit codes\n\n${markdownTable(['code', 'meaning'], codes)}`,
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
    'Path of the saved body below DIR; empty when there was none or it was empty.',
  ];
  const extracted = Object.entries(extractors).map(([name, { help }]) => [
    code(`fetch_${name}`),
    code(`--extract ${name}`),
    help,
  ]);
  return [
    `# Result columns\n\n${mark}`,
    "They come after the input's own cells, in this order; `fetch_` is what `--prefix` says.\n",
    markdownTable(['column', 'by default', 'meaning'], results),
    'The file of the body follows, then columns of extractors, in the order in which they were asked for:\n',
    markdownTable(['column', 'asked for by', 'meaning'], [saved, ...extracted]),
    'All that comes out of HTML is taken in one pass over the page, which ends when all is known: behind the head for\n' +
      '`title` alone, at its end for what may come anywhere or is not there. Values are those of a browser that runs\n' +
      'no scripts, so what stands in `noscript` is a part of the page, but for `text`. XHTML that says so (its type, or\n' +
      'XML whose root is `html` of XHTML) is read as XML. Where a page is not well\n' +
      'formed, tags count as they stand in the source: elements that a browser moves or doubles to mend it (a link that\n' +
      'is open where its block ends, links among the rows of a table) are given once, in their place. The query of a\n' +
      'link is encoded in the charset of the page. For `text`, styles and the `hidden` attribute are not\n' +
      'looked at; drawings, form fields that are typed into and what only shows without audio or video are left out.\n' +
      'Pages that are not HTML have empty cells. The row is `process-failed` when a base URL of many thousand letters\n' +
      'would make its links many times as long as the page.\n',
    'Then come those that name themselves: of `--select`, `--xpath`, `--json`, `--regex`, `--response-header`, `--body` and\n' +
      '`--module`, in this order, and of one option in the order given. A name that the input has already, or that is asked for twice,\n' +
      'ends the run before the first request (exit 2). What they hold is in [recipes.md](recipes.md#values-out-of-pages).\n',
    'A row with more cells than the header is `bad-row`, and its surplus cells stand behind the last of all these columns:\n' +
      'what stands under a name is always of that column.\n',
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
    'What `fetch_error` holds when a row failed. An HTTP status is not a failure: it is in `fetch_status`. The words\n' +
      'behind a code are in `fetch_error_detail` (`--columns +error_detail`).\n',
    markdownTable(['code', 'group', 'may pass', 'meaning'], rows),
    'A row whose line is damaged is `bad-row` too, and the run goes on behind it. One message on stderr names the first\n' +
      'such line with what can be done about it; `fetch_error_detail` names the line of each.\n',
    '- **Not UTF-8**: the bytes come back as they were, so that a list in another encoding loses nothing. In JSON Lines,\n' +
      '  which cannot hold them, and where the input was in another encoding (UTF-16, `--encoding`), U+FFFD stands in their place.\n' +
      '- **A quote that never closes**, or not within 16 MiB: the line in which it opens is the row, in which that quote\n' +
      '  is a character like others. The next line is the next row.\n' +
      '- **A line longer than 16 MiB**: of its cells those come back that end within its first 64 KiB.\n' +
      '- **A line of JSON Lines that is no object**: its cells are empty, and its text stands behind the last column.\n',
    'An array, or objects over several lines, are read as JSON Lines are: each element is a line. What breaks off within\n' +
      'one ends the run (exit 3) behind the rows before it.\n',
    'There is no row where the header is damaged, or the first line where there is no header, or the first object of\n' +
      'JSON Lines. The run ends then before the first request (exit 3), as it ends, behind all rows before that, where\n' +
      'the input cannot be read any further.\n',
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
