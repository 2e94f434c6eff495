import { percent, size, text, toggle } from './define.ts';
import { outputOptions } from './output.ts';

const { outputFormat, outputDelimiter, outputBom, crlf, excelSafe, excel } = outputOptions;

/** Which rows and columns are compared. */
export const comparisonOptions = {
  key: text({
    hint: 'COLUMN',
    help: 'Match the rows of OLD and NEW by this column: a header name in any case, or a number from 1. Default: the column of URLs, found as for a list. Rows with the same text in it are compared in their order.',
  }),
  columns: text({
    hint: 'LIST',
    fallback: '',
    help: 'Compare these columns (names separated by commas, with or without the prefix), and write two columns for each, before and after. "+name" adds a column to the default ones, "-name" drops one. Default: the result columns that both files have, except those that measure the run, such as ms, attempts, at and remote_ip; of these, status, error and the ones that differ in any row are written.',
  }),
  prefix: text({
    hint: 'S',
    fallback: 'fetch_',
    help: 'Recognize result columns by this text, with which their names begin: the --prefix with which OLD and NEW were written.',
  }),
  sinceMemory: size({
    fallback: '256MB',
    help: 'Keep up to this much of the index of OLD in memory, and the rest in a temporary file. The index takes at most 24 bytes a row.',
  }),
};

export const differenceOptions = {
  output: text({
    short: 'o',
    hint: 'FILE',
    help: 'Write the differences to FILE. Until all of them are in it, it is named FILE.part. A file whose name ends in .gz is compressed; .tsv, .tab, .jsonl and .ndjson set the format. Default, and "-": standard output.',
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
    help: 'Begin with a byte order mark. Byte order mark and line ends are as in NEW unless an option for them, a delimiter or another format is given.',
  },
  crlf,
  excelSafe,
  excel,
  all: toggle({ help: 'Also write the rows that are the same.' }),
  failOn: percent({
    help: 'Exit with code 5 when more than P percent of all rows differ, are new or gone. With 0 a single one is enough.',
  }),
  summary: text({
    hint: 'FILE',
    help: 'Write the figures to FILE as JSON: how many rows are new, gone, changed and so on, and how many differ in each column. "-" is standard error.',
  }),
  quiet: toggle({ short: 'q', help: 'Write nothing but errors to stderr.' }),
};

export const diffOptions = { ...comparisonOptions, ...differenceOptions };
