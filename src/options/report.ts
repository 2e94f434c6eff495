import { text } from './define.ts';
import { comparisonOptions, differenceOptions } from './diff.ts';
import { inputOptions } from './input.ts';
import { outputOptions } from './output.ts';
import { requestOptions } from './request.ts';

const { delimiter, inputFormat, encoding, quote, escape, comment, skipLines } = inputOptions;
const { prefix } = outputOptions;
const { secretParam } = requestOptions;

/** How the result is read: as any input. */
export const reportInput = {
  prefix: { ...prefix, help: 'The names of the result columns begin with this text.' },
  urlColumn: text({
    short: 'u',
    hint: 'NAME|N',
    help: 'The column of the list that has the URLs. It is shown for rows without a final URL, and tells redirects where the chain is not there. Default: found as in a run.',
  }),
  secretParam: {
    ...secretParam,
    help: 'Leave this query parameter out of URLs of the list, as the run did in all that it wrote. Repeatable.',
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

/** What it is compared with. */
export const reportComparison = {
  since: text({
    hint: 'OLD',
    help: 'Show what has changed since OLD, an earlier result, as urlmill diff OLD RESULT tells it. Default: what the column change says, if there is one.',
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
