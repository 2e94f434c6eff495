import { checkChangeBy, checkOutputDelimiter } from './checks.ts';
import { choice, count, duration, names, percent, size, text, toggle } from './define.ts';

export const outputOptions = {
  output: text({
    short: 'o',
    hint: 'FILE',
    help: 'Write the result to FILE. Until every row is in it, it is named FILE.part, so that an interrupted run can be continued with --resume. A file whose name ends in .gz is compressed; .tsv, .tab, .jsonl and .ndjson set the format. Names of other formats (.json, .xlsx) need --output-format; other compressions (.zst) are refused. A symbolic link stays, and the file that it leads to is written. Default, and "-": standard output.',
  }),
  outputFormat: choice({
    shapes: true,
    hint: 'F',
    choices: ['csv', 'tsv', 'jsonl'],
    help: 'Write the result in this format. Default: by the name of FILE, else csv.',
  }),
  outputDelimiter: text({
    shapes: true,
    hint: 'C',
    help: 'Separate the cells of CSV with this character, or "tab". Default: a comma.',
    check: checkOutputDelimiter,
  }),
  outputBom: toggle({
    shapes: true,
    help: 'Begin a CSV or TSV file with a byte order mark, by which Excel recognizes UTF-8.',
  }),
  crlf: toggle({ shapes: true, help: 'End the lines of CSV and TSV with CR LF, as Windows does.' }),
  excelSafe: toggle({
    shapes: true,
    help: "Put ' before text from the web that a spreadsheet would run as a formula: text that begins with = + - @ (also full-width), a tab or a line end. Numbers, and the cells of the input, are written unchanged.",
  }),
  excel: toggle({
    shapes: true,
    help: 'Write CSV as Excel opens it: --output-bom, --crlf, --excel-safe, and semicolons between cells. Excel expects semicolons where a comma is the decimal point; elsewhere add --output-delimiter ",".',
  }),
  columns: names({
    shapes: true,
    hint: 'LIST',
    fallback: '',
    help: 'Write these result columns (docs/columns.md): names separated by commas, with or without the prefix, or "all". "+name" adds a column to the default ones, "-name" drops one.',
  }),
  prefix: text({
    shapes: true,
    hint: 'S',
    fallback: 'fetch_',
    help: 'Begin the names of result columns with this text. If the input is an earlier result, its result columns, recognized by this prefix, are replaced or left out.',
  }),
  retryFailed: text({
    shapes: true,
    hint: 'FILE',
    help: 'Fetch only the failed rows of FILE, an earlier result, and copy all others: a second pass after servers have recovered. Rows count as failed if they have a failure code, no status, or a status of 408, 425, 429, or 500 and above. FILE is the only input and may also be the output. Without --columns, the result columns of FILE are written. "-" is standard input.',
  }),
  since: text({
    shapes: 'content',
    hint: 'FILE',
    help: 'Compare with FILE, an earlier result of the same list, and write to the column fetch_change what has happened to each row: new, same, changed, failed, recovered or still-failing (docs/nightly.md). Pages whose ETag or Last-Modified is in FILE are sent again only if they are newer; else their cells are copied. FILE may also be the output. If FILE is missing, as on the first night, every row is new. Adds the columns etag, last_modified, sha256 and change.',
  }),
  changeBy: text({
    shapes: true,
    hint: 'LIST',
    help: 'With --since, choose what makes a page changed, separated by commas: "body" is every byte of it, "text" its text as --extract text gives it, and any other name is a column of the output. Default: the columns of --extract, --select and the like; if there are none, the body.',
    check: checkChangeBy,
  }),
  sinceMemory: size({
    fallback: '256MB',
    help: 'With --since, keep up to this much of the index of FILE in memory, and the rest in a temporary file. The index takes at most 24 bytes a row.',
  }),
  ordered: toggle({
    shapes: true,
    help: 'Write rows in the order of the input instead of the order of completion. A slow row then holds back the rows behind it, up to --look-ahead of them.',
  }),
  resume: toggle({
    help: 'Continue a killed or stopped run of the same job with the same --output FILE; if there is none, start anew. It can be given every time, for example in a cron job. The leftovers of another job are kept under a dated name.',
  }),
  failOn: percent({
    help: 'Exit with code 5 when more than P percent of all rows failed, for scripts that must notice. Rows with a failure code or a status of 400 and above count as failed. With 0 a single one is enough.',
  }),
  timeLimit: duration({
    help: 'Stop the run after this time with exit code 6. It can be continued with --resume.',
  }),
  maxFailures: count({
    min: 1,
    help: 'Stop the run with exit code 6 when N rows have failed, as defined for --fail-on. It can be continued with --resume.',
  }),
  grace: duration({
    fallback: '5s',
    help: 'When a signal or a limit stops the run, give requests in flight this long to finish. After that they are cancelled.',
  }),
};
