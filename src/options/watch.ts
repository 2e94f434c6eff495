import { choice, text, toggle } from './define.ts';

export const watchOptions = {
  progress: choice({
    hint: 'WHEN',
    choices: ['auto', 'always', 'never'],
    fallback: 'auto',
    help: 'Show progress on stderr: rows done and in all, rate, failed rows (as for --fail-on), time left. "auto" shows a live line on a terminal, else a new line every 30 s; "always" the live line in any case; "never" none.',
  }),
  logFormat: choice({
    hint: 'F',
    choices: ['text', 'json'],
    fallback: 'text',
    help: 'Write to stderr in this format. "json" is one object per line, with time, level, event, message, and figures (docs/options.md); progress is one every 30 s. It holds for errors in other options too.',
  }),
  quiet: toggle({ short: 'q', help: 'Write nothing but errors to stderr.' }),
  summary: text({
    hint: 'FILE',
    help: 'Write the run\'s figures to FILE as JSON at the end. An earlier FILE is replaced only then. "-" is standard error.',
  }),
};
