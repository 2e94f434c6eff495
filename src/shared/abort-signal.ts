import { UsageError } from './errors.ts';

/**
 * To be called before anything is opened, as nobody would close it. It need not be an AbortSignal of this realm.
 *
 * @throws UsageError for anything that cannot be listened to, such as an AbortController in the place of its signal
 */
export function checkSignal(signal: AbortSignal | null | undefined): void {
  if (signal === null || signal === undefined || typeof signal.addEventListener === 'function') return;
  throw new UsageError('signal: an AbortSignal is needed');
}
