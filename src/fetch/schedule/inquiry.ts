import type { FetchItem } from '../../shared/records.ts';
import type { OnAnswer, Unanswered } from '../../shared/asked.ts';
import type { ResponsePage } from '../messages.ts';
import { itemRequest } from '../request/item-request.ts';
import { parseTarget } from '../request/target.ts';
import { leadOn } from './lead-on.ts';
import { newTask } from './task.ts';
import type { Inquiry, Task } from './task.ts';

/**
 * The task of a request that a page makes (`page.fetch`). It may go where a link of the page may lead, and sends what
 * the row may send there.
 */
export function inquiryOf(
  task: Task,
  { url, ...said }: FetchItem,
  onAnswer: OnAnswer<ResponsePage>,
  staysAtHost: boolean,
): Task | Unanswered {
  const target = parseTarget(String(url).trim(), task.target.href);
  if ('error' in target) return target;
  if (staysAtHost && target.host !== task.home.host)
    return { error: 'redirect-denied', detail: `it is at another host: ${target.host}` };
  const { request: base, home } = leadOn(task, target);
  const request = itemRequest({ url, ...said }, base);
  if ('detail' in request) return { error: 'bad-row', detail: request.detail };
  const asked = newTask(
    task.row,
    task.sequence,
    request,
    home,
    request.method ?? 'GET',
    false,
    null,
    task.fromPublic || task.pageIsPublic,
  );
  const inquiry: Inquiry = {
    isProbe: false,
    isAwaited: true,
    page: null,
    onEnd: (_, error, detail) => {
      // The page did not get what it needs, so its row is to be cancelled, not written as failed.
      if (error === 'cancelled') task.isCut = true;
      const { page } = inquiry;
      onAnswer(error === null && page !== null ? page : { error: error ?? 'http-truncated', detail });
    },
  };
  asked.inquiry = inquiry;
  return asked;
}

/** Whether it was ended as nobody waits for it any more, though it may still stand in a queue. */
export function isAbandoned({ inquiry, place }: Task): boolean {
  return inquiry !== null && !inquiry.isAwaited && place === 'ended';
}
