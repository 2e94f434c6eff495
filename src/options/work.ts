import { count, duration, text } from './define.ts';
import { outputOptions } from './output.ts';
import { processOptions } from './process.ts';
import { jobOption } from './submit.ts';
import { requestOptions } from './request.ts';
import { watchOptions } from './watch.ts';

const { progress, logFormat, quiet, summary, metrics } = watchOptions;

/** Where the job and its queue are. */
export const workPlaces = {
  ...jobOption,
  queue: text({
    hint: 'URL',
    help: 'Use this Redis or Valkey, which hands out lanes: redis://HOST:PORT, or rediss:// with TLS. "@FILE" reads the address from FILE, and URLMILL_QUEUE may hold it; an address with a password must be given in one of these two ways.',
  }),
  queueWait: duration({
    fallback: '10m',
    help: 'Wait this long when the queue cannot be reached. After that the worker stops with exit code 6.',
  }),
};

/** Limits of one machine, whatever the job says. */
export const workLimits = {
  concurrency: count({
    short: 'c',
    min: 1,
    help: 'Run up to N requests at once on this machine. Default: as the job says.',
  }),
  threads: {
    ...processOptions.threads,
    help: 'Fetch in N threads on this machine, and process pages in N others.',
  },
  maxLanes: count({
    min: 1,
    fallback: 64,
    help: 'Hold up to N lanes at once. More lanes keep a worker busy when all hosts of its lanes are slow; each keeps a file open.',
  }),
  grace: {
    ...outputOptions.grace,
    help: 'When a signal stops the worker, give requests in flight this long to finish. After that they are cancelled, and its lanes go to others.',
  },
  networkWait: {
    ...requestOptions.networkWait,
    help: 'When no host can be reached any more, wait this long for the network to come back. After that the worker stops with exit code 6.',
  },
};

export const workWatch = {
  progress,
  logFormat,
  quiet,
  summary: {
    ...summary,
    help: 'Write the figures of this worker to FILE as JSON at the end (docs/summary.md). They count the rows that it has fetched, also those that others fetched again; urlmill collect has the figures of the job. "-" is standard error.',
  },
  metrics: {
    ...metrics,
    help: 'Write the figures of this worker to FILE every 15 s and at the end, in the text format of Prometheus, as a run does. Each worker needs a FILE of its own; urlmill status has the figures of the job.',
  },
};

export const workOptions = { ...workPlaces, ...workLimits, ...workWatch };
