import type { FailureCode } from '../../shared/failures.ts';
import { ChainCookies } from '../request/chain-cookies.ts';
import type { EngineReply } from '../messages.ts';
import { redirectMethod, redirectTarget } from '../request/redirect.ts';
import type { Target } from '../request/target.ts';
import type { Task } from './task.ts';

/** At least this many redirects of a robots.txt are followed (RFC 9309, section 2.3.1.2). */
const robotsRedirects = 5;

/**
 * Makes the target of a redirect the next request of its task.
 *
 * @param limits redirects of one attempt, and milliseconds for all of it
 * @returns why it cannot be followed; null when it can
 */
export function follow(
  task: Task,
  { location, status, setCookies, isPublic, ms }: EngineReply,
  limits: { readonly maxRedirects: number; readonly timeout: number },
): { error: FailureCode; detail: string } | null {
  const chain = [...task.redirects, { url: task.target.href, status, ms }];
  const most = task.robotsOf === null ? limits.maxRedirects : Math.max(robotsRedirects, limits.maxRedirects);
  if (chain.length > most) return { error: 'redirect-limit', detail: `more than ${most} redirects` };
  const method = redirectMethod(status ?? 0, task.method);
  const target = redirectTarget(location ?? '', task.target.href);
  if ('error' in target) return target;
  const visited = [...task.visited, requestIn(task, task.method, task.target)];
  if (setCookies.length > 0) {
    task.cookies ??= new ChainCookies();
    task.cookies.set(setCookies, task.target.href);
  }
  if (visited.includes(requestIn(task, method, target)))
    return { error: 'redirect-loop', detail: `back to ${target.href}` };
  if (task.spent >= limits.timeout) {
    return { error: 'timeout', detail: `not done within ${limits.timeout} ms` };
  }
  if (method !== task.method) task.hasBody = false;
  task.visited = visited;
  task.method = method;
  task.target = target;
  task.away ||= target.origin !== task.home.origin;
  task.redirects = chain;
  task.fromPublic ||= isPublic;
  return null;
}

/** Identifies a request within its chain: another method or other cookies make it another one. */
function requestIn({ cookies }: Task, method: string, { href }: Target): string {
  return [method, href, cookies?.header(href) ?? ''].join('\n');
}
