import { text } from './define.ts';
import { comparisonOptions, differenceOptions } from './diff.ts';
import { inputOptions } from './input.ts';
import { outputOptions } from './output.ts';
import { requestOptions } from './request.ts';

const { delimiter, inputFormat, encoding, quote, escape, comment, skipLines } = inputOptions;
const { prefix } = outputOptions;
const { secretParam } = requestOptions;

/** How the result is read: with the options of any input. */
export const reportInput = {
  prefix: { ...prefix, help: 'Recognize result columns by this text, with which their names begin.' },
  urlColumn: text({
    short: 'u',
    hint: 'NAME|N',
    help: 'Take the URLs of the list from this column. They are shown for rows without a final URL, show which rows were redirected where the column redirect_chain is missing, and match rows with --since. Default: found as in a run.',
  }),
  secretParam: {
    ...secretParam,
    help: 'Leave this query parameter out of the URLs of the list, as the run did in all that it wrote. Repeatable.',
  },
  delimiter,
  inputFormat,
  encoding,
  quote,
  escape,
  comment,
  skipLines,
};

const { sinceMemory } = comparisonOptions;

/** The earlier result to compare with. */
export const reportComparison = {
  since: text({
    hint: 'OLD',
    help: 'Show what has changed since OLD, an earlier result, as urlmill diff OLD RESULT would list it. Default: the contents of the column change, if there is one.',
  }),
  sinceMemory,
};

export const reportOutput = {
  output: text({
    short: 'o',
    hint: 'FILE',
    help: 'Write the page to FILE. An earlier FILE is replaced only when the page is complete. Default, and "-": standard output.',
  }),
  quiet: differenceOptions.quiet,
};

export const reportOptions = { ...reportInput, ...reportComparison, ...reportOutput };
