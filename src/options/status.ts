import { text, toggle } from './define.ts';
import { jobOption } from './submit.ts';
import { watchOptions } from './watch.ts';

export const statusOptions = {
  ...jobOption,
  queue: text({
    hint: 'URL',
    help: 'Also show the workers and their lanes, as this Redis or Valkey knows them. It is given as for urlmill work, also by "@FILE" or URLMILL_QUEUE. Without it, only the folder is looked at.',
  }),
  watch: toggle({ help: 'Show the figures again every two seconds until the job is done.' }),
  json: toggle({ help: 'Write the figures as one line of JSON.' }),
  metrics: {
    ...watchOptions.metrics,
    help: 'Also write the figures of the job to FILE in the text format of Prometheus, with --watch every 15 s. They count the rows of completed pieces, of all workers. FILE is always replaced as a whole.',
  },
  check: toggle({
    help: 'Tell only whether the job is alive, for probes: exit with code 0 when it is done or something was written to its folder within the last 15 minutes, else with 6. The reason goes to stderr.',
  }),
};
