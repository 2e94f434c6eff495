import { checkCharacter, checkDelimiter, checkQuote, checkScheme } from './checks.ts';
import { choice, count, text, toggle } from './define.ts';

export const inputOptions = {
  urlColumn: text({
    shapes: true,
    short: 'u',
    hint: 'NAME|N',
    help: 'Column that holds the URL: a header name (case does not matter) or a number from 1. Default: the only column; else a header named url, uri, link, href, homepage, website or address; else the one column whose first cells are mostly URLs. A column that is not named must have URLs in its first cells. In JSON also a path: page.url.',
  }),
  urlTemplate: text({
    shapes: true,
    hint: 'T',
    help: 'Build the URL from columns (RFC 6570 level 2): {name} is percent-encoded, {+name} is taken as it is, {#name} is a fragment.',
  }),
  defaultScheme: text({
    shapes: true,
    hint: 'S',
    fallback: 'https',
    help: 'Scheme put before a host name with a dot, localhost or an IP address, with or without port and path. "none": such a cell is invalid-url, as is all else without a scheme.',
    check: checkScheme,
  }),
  delimiter: text({
    shapes: true,
    short: 'd',
    hint: 'C',
    help: 'One character, or "tab". Default: the one of , ; tab | that gives the first hundred lines as many cells as the header; .tsv means tab; a first line sep=C is obeyed.',
    check: checkDelimiter,
  }),
  noHeader: toggle({
    shapes: true,
    help: 'The first line is data. The output has no header line either, and columns are named by number. Default: so it is where the first line holds a URL in the column of URLs.',
  }),
  headerLine: toggle({
    shapes: true,
    help: 'The first line is the header, whatever it looks like. On the command line --header without a "Name: value" means the same.',
  }),
  inputFormat: choice({
    shapes: true,
    hint: 'F',
    choices: ['csv', 'tsv', 'lines', 'jsonl'],
    help: 'csv, tsv, lines (one URL a line) or jsonl (JSON Lines, or an array). Default: by name (.csv, .tsv, .tab, .jsonl, .ndjson, .json) and by the first lines.',
  }),
  encoding: text({
    shapes: true,
    hint: 'NAME',
    help: 'Encoding of the input, by a name of the Encoding Standard: windows-1252, latin1, shift_jis, utf-16le. A byte order mark goes before it. Default: UTF-8.',
  }),
  quote: text({
    shapes: true,
    hint: 'C|none',
    help: 'Character that stands around cells. Default: "; \' where all rows have it; in TSV none, unless cells begin and end with ".',
    check: checkQuote,
  }),
  escape: text({
    shapes: true,
    hint: 'C',
    help: 'Character that makes the one behind it an ordinary one, such as \\. Default: none; a quote within quotes is doubled.',
    check: checkCharacter,
  }),
  comment: text({
    shapes: true,
    hint: 'C',
    help: 'Lines that begin with it are no rows. Default: # in a list of URLs, where it also begins a comment behind a space; none in CSV.',
    check: checkCharacter,
  }),
  skipLines: count({
    shapes: true,
    min: 0,
    fallback: 0,
    help: 'Pass over the first N lines of each file: what stands above the header.',
  }),
  limit: count({ shapes: true, min: 1, help: 'Only the first N rows.' }),
};
