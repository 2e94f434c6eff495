import { checkCharacter, checkDelimiter, checkQuote, checkScheme } from './checks.ts';
import { choice, count, text, toggle } from './define.ts';

export const inputOptions = {
  urlColumn: text({
    shapes: true,
    short: 'u',
    hint: 'NAME|N',
    help: 'Take the URLs from this column: a header name in any case, a number from 1, or in JSON a path such as page.url. Default: the only column; else the one named url, uri, link, href, homepage, website or address, or with such a word in its name; else the only one with mostly URLs in its first cells. A column found by default must have URLs in its first cells.',
  }),
  urlTemplate: text({
    shapes: true,
    hint: 'T',
    help: 'Build each URL from cells of the row instead, for example to call an API: https://api.example.org/items/{id}. {name} inserts the cell of that column percent-encoded, {+name} inserts it unchanged, {#name} makes it a fragment (RFC 6570, level 2).',
  }),
  defaultScheme: text({
    shapes: true,
    hint: 'S',
    fallback: 'https',
    help: 'Put this scheme before cells that have none and begin with a host: a name with a dot, localhost or an IP address. "https,http" falls back to http where no https connection can be made. "none" adds nothing: such cells become invalid-url, like all other cells without a scheme.',
    check: checkScheme,
  }),
  delimiter: text({
    shapes: true,
    short: 'd',
    hint: 'C',
    help: 'Split lines into cells at this character, or "tab". Default: tab for .tsv; the character that a first line sep=C names; else the one of , ; tab | that gives the first hundred lines as many cells as the header.',
    check: checkDelimiter,
  }),
  noHeader: toggle({
    shapes: true,
    help: 'Read the first line as data, not as the header. Columns are then named by number, and the output has no header line either. Default: only if the first line has a URL in the URL column.',
  }),
  headerLine: toggle({
    shapes: true,
    help: 'Read the first line as the header, even if it looks like data. On the command line, --header means the same unless "Name: value" or @FILE follows.',
  }),
  inputFormat: choice({
    shapes: true,
    hint: 'F',
    choices: ['csv', 'tsv', 'lines', 'jsonl'],
    help: 'Read the input as csv, tsv, lines (one URL per line) or jsonl (JSON Lines or a JSON array). Default: by the file name (.csv, .tsv, .tab, .jsonl, .ndjson, .json), else by the first lines.',
  }),
  encoding: text({
    shapes: true,
    hint: 'NAME',
    help: 'Decode the input from this encoding if it is not UTF-8, the default. It is named as in the Encoding Standard: windows-1252, latin1, shift_jis, utf-16le. A byte order mark overrides it.',
  }),
  quote: text({
    shapes: true,
    hint: 'C|none',
    help: 'Treat this character as the quote around cells; "none" if cells are not quoted. Default: ", or \' if all rows use that; none in TSV, unless cells begin and end with " or it is a result.',
    check: checkQuote,
  }),
  escape: text({
    shapes: true,
    hint: 'C',
    help: 'Treat this character, such as \\, as the escape: the character after it is taken literally. Default: none; a quote inside a quoted cell is doubled.',
    check: checkCharacter,
  }),
  comment: text({
    shapes: true,
    hint: 'C',
    help: 'Ignore lines that begin with this character. Default: none in CSV; # in a list of URLs, where a comment may also follow a URL and a space.',
    check: checkCharacter,
  }),
  skipLines: count({
    shapes: true,
    min: 0,
    fallback: 0,
    help: 'Skip the first N lines of each file, such as a title above the header.',
  }),
  limit: count({ shapes: true, min: 1, help: 'Read only the first N rows, as for a trial run.' }),
};
