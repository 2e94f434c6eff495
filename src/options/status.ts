import { text, toggle } from './define.ts';
import { jobOption } from './submit.ts';
import { watchOptions } from './watch.ts';

export const statusOptions = {
  ...jobOption,
  queue: text({
    hint: 'URL',
    help: 'Show workers and the lanes that they have too, as this Redis or Valkey knows them: as for urlmill work, also "@FILE" or URLMILL_QUEUE. Without it the folder alone is looked at.',
  }),
  watch: toggle({ help: 'Show it anew every two seconds until the job is done.' }),
  json: toggle({ help: 'Write the figures as a line of JSON.' }),
  metrics: {
    ...watchOptions.metrics,
    help: 'Also write the figures of the job to FILE in the text format of Prometheus, with --watch every 15 s: rows of pieces that are done, of all workers. FILE is replaced as a whole.',
  },
  check: toggle({
    help: 'Write nothing but why, and exit with code 0 when the job is done or a piece was committed within the last 15 minutes, else with 6: for probes.',
  }),
};
