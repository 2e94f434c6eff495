import type { FailureCode } from '../../shared/failures.ts';
import type { Result } from '../../shared/records.ts';
import type { EngineReply } from '../messages.ts';
import { redirectMethod } from '../request/redirect.ts';
import { parseTarget } from '../request/target.ts';
import { leadOn } from './lead-on.ts';
import { newTask, untried } from './task.ts';
import type { Task } from './task.ts';

export interface Paging {
  /** Pages of one row. */
  readonly maxPages: number;
  readonly staysAtHost: boolean;
}

/**
 * What follows when the request for a page has ended: the task of the next page, or the result of the row.
 * The next page is a request of its own, with all its attempts, at whatever host it is; a page that fails is
 * the row's last one.
 *
 * @param result the result of the task, as if its row had no other page
 * @param isStopped whether no further page is to be asked for
 */
export function afterPage(
  task: Task,
  result: Result,
  { next, isPublic, status }: EngineReply,
  { maxPages, staysAtHost }: Paging,
  isStopped: boolean,
): Task | Result {
  const { row, sequence, pagesBefore } = task;
  const before = pagesBefore.at(-1);
  // A page beyond the last one often redirects to the first.
  if (before !== undefined && result.error === null && isAmong(result.url, pagesBefore))
    return whole({ ...before, next: result.url }, pagesBefore.slice(0, -1));
  const page = { ...result, page: pagesBefore.length + 1 };
  if (page.error !== null || next === null) return whole(page, pagesBefore);
  const pages = [...pagesBefore, page];
  const fail = (error: FailureCode, detail: string): Result =>
    whole({ ...untried(row, null, error, detail), page: pages.length + 1 }, pages);
  const target = parseTarget(next, task.target.href);
  if ('error' in target) return fail(target.error, `the next page: ${target.detail}`);
  if (pages.length >= maxPages || isAmong(target.href, pages))
    return whole({ ...page, next: target.href }, pagesBefore);
  if (isStopped) return fail('cancelled', 'the run was stopped');
  if (staysAtHost && target.host !== task.home.host)
    return fail('redirect-denied', `the next page is at another host: ${target.host}`);
  const { request, home } = leadOn(task, target);
  const method = redirectMethod(status ?? 0, task.method);
  const following = newTask(row, sequence, request, home, method, false, null, task.fromPublic || isPublic);
  following.pagesBefore = pages;
  following.onceKey = task.onceKey;
  return following;
}

/** Whether a URL is that of one of these pages, or of a redirect to one. */
function isAmong(url: string, pages: readonly Result[]): boolean {
  const bare = withoutFragment(url);
  return pages.some((page) => [page, ...page.redirects].some((one) => withoutFragment(one.url) === bare));
}

function withoutFragment(url: string): string {
  return url.replace(/#.*$/s, '');
}

/**
 * The result of a row: its last page, with those before it. Pages that an earlier run has written are left
 * out.
 */
function whole(last: Result, pagesBefore: readonly Result[]): Result {
  const { fromPage = 1 } = last.row;
  if (last.page >= fromPage)
    return { ...last, pagesBefore: pagesBefore.filter(({ page }) => page >= fromPage) };
  // The row has fewer pages than in the earlier run, which has written this one already.
  return { ...last, values: {}, rows: null };
}
