import type { Worker } from 'node:worker_threads';

import type { ExecutionContext } from 'ava';

/** The threads that are started from now on until the end of the test. @param onStart gets each one */
export function startedWorkers(t: ExecutionContext, onStart: (worker: Worker) => void = () => {}): Worker[] {
  const workers: Worker[] = [];
  const onWorker = (worker: Worker): void => {
    workers.push(worker);
    onStart(worker);
  };
  process.on('worker', onWorker);
  t.teardown(() => process.off('worker', onWorker));
  return workers;
}
