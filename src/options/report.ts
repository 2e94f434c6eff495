import { text } from './define.ts';
import { inputOptions } from './input.ts';
import { outputOptions } from './output.ts';

const { delimiter, inputFormat, encoding, quote, escape, comment, skipLines, limit } = inputOptions;
const { prefix } = outputOptions;

/** How the result is read: as any input. */
export const reportInput = {
  prefix: { ...prefix, help: 'The names of the result columns begin with this text.' },
  urlColumn: text({
    short: 'u',
    hint: 'NAME|N',
    help: 'The column of the list that has the URLs. It is shown for rows without a final URL, and tells redirects where the chain is not there. Default: found as in a run.',
  }),
  delimiter,
  inputFormat,
  encoding,
  quote,
  escape,
  comment,
  skipLines,
  limit,
};

export const reportOutput = {
  output: text({
    short: 'o',
    hint: 'FILE',
    help: 'Write the page to FILE. An earlier FILE is replaced only when the page is complete. Default, and "-": standard output.',
  }),
};

export const reportOptions = { ...reportInput, ...reportOutput };
