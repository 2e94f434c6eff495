import type { Bench } from '../scenario.ts';
import type { UrlList } from '../url-list.ts';

/** The fields that every contestant extracts from each page. */
export const fields = ['title', 'description', 'links', 'text', 'sha256'];

/** The command under test, with as many connections as its peers have. */
export const urlmill = (
  { node, cli }: Bench,
  list: UrlList,
  result: string,
  options: readonly string[],
): string[] => [node, cli, '-c', '64', '--per-host', '64', '-q', ...options, '-o', result, list.csv];

/** Selectors with a class, a child or attributes. `*=` takes all matches. */
const selections = [
  'heading=h1.title',
  'signature=.type-signature',
  'members*=section.detail > h3',
  'references*=dl.notes a@href',
  'outside*=a[href^="http"]@href',
];

export const selectOptions = selections.flatMap((selection) => ['--select', selection]);

/** The columns that `selections` fill. */
export const selected = selections.map((selection) => selection.replace(/\*?=.*/, ''));

export const works = [
  { name: 'extract', options: ['--extract', fields.join(',')], columns: fields },
  {
    name: 'select',
    options: selectOptions,
    columns: selected,
  },
];
