import { percent, size, text, toggle } from './define.ts';
import { outputOptions } from './output.ts';

const { outputFormat, outputDelimiter, outputBom, crlf, excelSafe, excel } = outputOptions;

/** What is compared. */
export const comparisonOptions = {
  key: text({
    hint: 'COLUMN',
    help: 'Find the row of OLD by this column, a header name in any case or a number from 1. Default: the column of URLs, as it is found for a list. Rows with the same text there are compared in their order.',
  }),
  columns: text({
    hint: 'LIST',
    fallback: '',
    help: 'Compare these columns, with or without the prefix, and write two columns for each. "+name" adds to the default, "-name" drops from it. Default: the result columns that both files have, without those that measure the run, such as ms, attempts, at and remote_ip; and of these only the ones that differ in any row are written.',
  }),
  prefix: text({
    hint: 'S',
    fallback: 'fetch_',
    help: 'The text with which the names of result columns begin, as it was said when OLD and NEW were written.',
  }),
  sinceMemory: size({
    fallback: '256MB',
    help: 'Keep up to this much of the index of OLD in memory, 24 bytes a row at most, and the rest in a temporary file.',
  }),
};

export const differenceOptions = {
  output: text({
    short: 'o',
    hint: 'FILE',
    help: 'Write the differences to FILE. It is FILE.part until they are all in it. A name with .gz is compressed; .tsv, .tab, .jsonl and .ndjson set the format. Default, and "-": standard output.',
  }),
  outputFormat: {
    ...outputFormat,
    help: 'Write csv, tsv or jsonl. Default: by the name of FILE, else as NEW.',
  },
  outputDelimiter: {
    ...outputDelimiter,
    help: 'Separate the cells of CSV with this character, or "tab". Default: as in NEW.',
  },
  outputBom: {
    ...outputBom,
    help: 'Begin with a byte order mark. Without such an option this and the line ends are as in NEW.',
  },
  crlf,
  excelSafe,
  excel,
  all: toggle({ help: 'Write the rows that are the same too.' }),
  failOn: percent({
    help: 'Exit with code 5 when more than P percent of all rows differ, are new or gone. With 0 a single one is enough.',
  }),
  summary: text({
    hint: 'FILE',
    help: 'Write the figures to FILE as JSON: rows by what has become of them, and by column that differs. "-" is standard error.',
  }),
  quiet: toggle({ short: 'q', help: 'Write nothing but errors to stderr.' }),
};

export const diffOptions = { ...comparisonOptions, ...differenceOptions };
