import { choice, text, toggle } from './define.ts';

export const watchOptions = {
  progress: choice({
    hint: 'WHEN',
    choices: ['auto', 'always', 'never'],
    fallback: 'auto',
    help: 'Show progress on stderr: rows done of all rows, rate, failed rows (as for --fail-on), time left. "auto" updates a live line on a terminal, and elsewhere writes a new line every 30 s; "always" shows the live line everywhere; "never" shows none.',
  }),
  logFormat: choice({
    hint: 'F',
    choices: ['text', 'json'],
    fallback: 'text',
    help: 'Write to stderr in this format. "json" writes one object per line, with time, level, event, message and figures (docs/options.md); progress is such a line every 30 s. Errors in other options are written in this format too.',
  }),
  quiet: toggle({ short: 'q', help: 'Write nothing but errors to stderr.' }),
  summary: text({
    hint: 'FILE',
    help: 'Write the run\'s figures to FILE as JSON at the end (docs/summary.md). Until then an earlier FILE stays as it is. "-" is standard error.',
  }),
  metrics: text({
    hint: 'FILE',
    help: "Write the run's figures to FILE every 15 s and at the end, in the text format of Prometheus. This is for the textfile collector of node_exporter, which reads *.prom (docs/recipes.md). FILE is always replaced as a whole; if that fails during the run, a warning says so and the run continues.",
  }),
};
