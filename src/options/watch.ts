import { choice, text, toggle } from './define.ts';

export const watchOptions = {
  progress: choice({
    hint: 'WHEN',
    choices: ['auto', 'always', 'never'],
    fallback: 'auto',
    help: 'A status line on stderr: rows done and in all, rate, failed rows (as for --fail-on), time left. auto: a live line on a terminal, else a plain line every 30 s. always: the live line in any case. never: none.',
  }),
  quiet: toggle({ short: 'q', help: 'Nothing on stderr but errors.' }),
  summary: text({
    hint: 'FILE',
    help: "Write the run's figures to FILE as JSON when it has ended; an earlier FILE stays whole until then.",
  }),
};
