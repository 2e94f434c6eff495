import { once } from 'node:events';

/**
 * Waits for an answer until a signal is aborted: a Redis that is away may not answer for long.
 *
 * @param onLate gets an answer that nobody waits for any more
 * @returns the answer; null when the signal is aborted first
 */
export async function unlessOver<T>(
  signal: AbortSignal,
  answer: Promise<T>,
  onLate: (value: T) => unknown,
): Promise<T | null> {
  const waiting = new AbortController();
  const over = once(signal, 'abort', { signal: waiting.signal });
  try {
    const isOver = signal.aborted || (await Promise.race([answer.then(() => false), over.then(() => true)]));
    if (!isOver) return await answer;
  } finally {
    waiting.abort();
    over.catch(ignore);
  }
  answer.then(onLate).catch(ignore);
  return null;
}

function ignore(): void {}
