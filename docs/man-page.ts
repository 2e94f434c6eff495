import { mainLine } from '../src/cli/command-line.ts';
import type { CommandLine } from '../src/cli/command-line.ts';
import { commands } from '../src/cli/commands.ts';
import type { Option } from '../src/options/define.ts';
import { shownDefault, shownFlag } from '../src/options/table.ts';
import type { OptionGroup } from '../src/options/table.ts';
import { wrapped } from '../src/cli/help.ts';
import { version } from '../src/shared/version.ts';

/** The manual page, urlmill.1, in the macros of man(7). */
export function manPage(): string {
  return [
    String.raw`.\" Made from the tables in src/ by "npm run docs".`,
    `.TH URLMILL 1 "" "urlmill ${version}" "User Commands"`,
    ...section('NAME', [roff('urlmill - fetch every URL of a CSV and get the CSV back with the results')]),
    ...section('SYNOPSIS', [[mainLine, ...Object.values(commands)].map(synopsis).join('\n.br\n')]),
    ...section('DESCRIPTION', [
      prose(mainLine.help),
      ...paragraph(
        'Each row comes back once, with all its cells and the result for its URL. A row that fails has a failure code in the output; the exit status describes the run as a whole.',
      ),
      ...paragraph(
        'With --output FILE the result is written to FILE.part, with FILE.journal beside it, and renamed to FILE when every row is in it. --resume continues an incomplete run, however it ended.',
      ),
    ]),
    ...section('OPTIONS', [
      prose(
        'Write an option as --name value or --name=value; --no-name turns a switch --name off. Durations: 500ms, 30s, 5m, 6h. Sizes: 64kB, 10MB, 1GiB. A FILE that an option reads may be "-" for standard input, except those of --since and --module.',
      ),
      ...mainLine.groups.flatMap(groupPart),
    ]),
    ...section('COMMANDS', [
      prose(
        'A command is the first word of the command line. It takes its options from the command line only. Write a FILE with such a name as ./NAME.',
      ),
      ...Object.values(commands).flatMap(commandPart),
    ]),
    ...section(
      'EXIT STATUS',
      Object.entries(mainLine.exitCodes).flatMap(([code, help]) => item(bold(code), help)),
    ),
    ...section('ENVIRONMENT', [
      ...item(
        bold('URLMILL_NAME'),
        'The option of that name, in capitals and with underscores: URLMILL_MAX_BODY stands for --max-body. A list has one value per line, a switch is true or false. The command line overrides these variables.',
      ),
      ...item(bold('URLMILL_CONFIG'), 'Stands for --config.'),
      ...item(bold('URLMILL_QUEUE'), 'Stands for --queue of urlmill work and urlmill status.'),
      ...item(
        `${bold('HTTP_PROXY')}, ${bold('HTTPS_PROXY')}, ${bold('ALL_PROXY')}, ${bold('NO_PROXY')}`,
        'Proxies to use if --proxy is not given, and the hosts to reach without one.',
      ),
    ]),
    ...section('EXAMPLES', [
      ...example(
        'Fetch a list, with the title of each page:',
        'urlmill --extract title urls.csv -o result.csv',
      ),
      '.PP',
      ...example(
        'Continue that run after it was interrupted:',
        'urlmill --extract title urls.csv -o result.csv --resume',
      ),
      '.PP',
      ...example('Fetch the failed rows again:', 'urlmill --retry-failed result.csv -o better.csv'),
    ]),
    ...section('SEE ALSO', [`${bold('curl')}(1), ${bold('wget')}(1)`]),
    '',
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return [`.SH ${title}`, ...lines];
}

function synopsis({ name, operands }: CommandLine): string {
  return `${bold(name)} [${italic('options')}] ${italic(operands)}`;
}

function groupPart({ title, options }: OptionGroup): string[] {
  return [
    `.SS ${roff(title)}`,
    ...Object.entries(options).flatMap(([name, option]) => optionPart(name, option)),
  ];
}

function commandPart(line: CommandLine): string[] {
  const own = line.groups.slice(0, -1);
  return [
    `.SS "${roff(`${line.name} ${line.operands}`)}"`,
    prose(line.help),
    ...own.flatMap(({ options }) =>
      Object.entries(options).flatMap(([name, option]) => optionPart(name, option)),
    ),
  ];
}

function optionPart(name: string, option: Option<unknown, unknown>): string[] {
  const [flag = '', hint = ''] = shownFlag(name, option).split(' ');
  const spelled = [...(option.short === null ? [] : [`-${option.short}`]), flag].map(bold).join(', ');
  const fallback = shownDefault(option);
  const help = fallback === '' ? option.help : `${option.help} Default: ${fallback}.`;
  return item(hint === '' ? spelled : `${spelled} ${italic(hint)}`, help);
}

/** A term and its meaning. */
function item(term: string, meaning: string): string[] {
  return ['.TP', term, prose(meaning)];
}

function paragraph(text: string): string[] {
  return ['.PP', prose(text)];
}

function example(what: string, line: string): string[] {
  return [prose(what), '.PP', '.nf', '.RS', roff(line), '.RE', '.fi'];
}

function bold(text: string): string {
  return String.raw`\fB${roff(text)}\fR`;
}

function italic(text: string): string {
  return String.raw`\fI${roff(text)}\fR`;
}

const escapes: Readonly<Record<string, string>> = {
  '\\': String.raw`\e`,
  '-': String.raw`\-`,
  "'": String.raw`\(aq`,
  '"': String.raw`\(dq`,
  '`': String.raw`\(ga`,
  '^': String.raw`\(ha`,
  '~': String.raw`\(ti`,
};

/** Running text, wrapped at 70 columns so that the source can be read in any editor. */
function prose(text: string): string {
  return wrapped(text, 70).map(roff).join('\n');
}

/** Escapes text for roff: plain ASCII, with no character that roff would interpret. */
function roff(text: string): string {
  return text
    .replaceAll(/[-\\'"`^~]/g, (character) => escapes[character] ?? character)
    .replaceAll(
      /[^\n -~]/gu,
      (character) => `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replace(/^\./, String.raw`\&.`);
}
