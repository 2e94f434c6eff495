import type { Worker } from 'node:worker_threads';

import type { ExecutionContext } from 'ava';

/** Collects the threads that are started until the test ends. @param onStart is called with each */
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
