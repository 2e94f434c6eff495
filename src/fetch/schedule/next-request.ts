import type { EngineRequest } from '../messages.ts';
import type { ChainCookies } from '../request/chain-cookies.ts';
import { headersFor } from '../request/request.ts';
import { secretParams, withoutSecrets } from '../request/secret-params.ts';
import type { HostSecrets } from '../request/settings.ts';
import type { Target } from '../request/target.ts';
import { validatorsFor } from '../request/validators.ts';
import type { Earlier } from '../../shared/records.ts';
import { mostRobotsBytes } from './robots.ts';
import type { Task } from './task.ts';

export interface RequestLimits {
  /** Milliseconds for one attempt with its redirects. */
  readonly timeout: number;
  /** Bytes that a decoded body may have. */
  readonly maxBody: number;
  /** The same for responses that pages ask for (`page.fetch`), as these are kept in memory. */
  readonly maxAsked: number;
  readonly maxRedirects: number;
  /** Whether a page that refreshes to another URL (Refresh header, `meta`) is a redirect. */
  readonly followMeta: boolean;
  /** Whether redirects are kept as they were on the wire, for WARC. */
  readonly keepsHops: boolean;
  /**
   * Whether private addresses may be asked: `deny` never, `allow` always, `direct` unless a public one led
   * there.
   */
  readonly privateAddresses: 'deny' | 'allow' | 'direct';
  /** Logins and cookies that the user has for hosts. */
  readonly secrets: HostSecrets;
  /** Names of query parameters that must not be kept. */
  readonly secretNames: readonly string[];
}

/**
 * Makes the engine's request from a task.
 *
 * @param compared the URL that its page is compared by (`soft_404`); null: it is not compared
 */
export function nextRequest(
  task: Task,
  id: number,
  compared: string | null,
  limits: RequestLimits,
): EngineRequest {
  const { timeout, maxBody, maxAsked, maxRedirects, followMeta, keepsHops, privateAddresses } = limits;
  const { target, request, row, method, host, home, away, hasBody, cookies, spent, fromPublic } = task;
  const { robotsOf, inquiry } = task;
  const { secrets, secretNames } = limits;
  const { login, cookie } = robotsOf === null ? secretsFor(target, cookies, secrets) : noSecrets;
  const hidden = secretNames.length === 0 ? null : secretParams(secretNames, `${row.url} ${home.href}`);
  const headers = headersFor(request, target, away ? null : home, hasBody, cookie, login);
  const url = hidden === null ? target.href : withoutSecrets(target.href, hidden);
  const validators =
    row.earlier === undefined || inquiry !== null ? [] : conditions(task, row.earlier, url, headers);
  return {
    id,
    origin: target.origin,
    path: target.path,
    url,
    secrets: hidden,
    method,
    headers: validators.length === 0 ? headers : [...headers, ...validators],
    conditional: validators.length > 0,
    body: hasBody ? request.body : null,
    timeout: Math.max(1, Math.ceil(timeout - spent)),
    // robots.txt is read even where `--max-body` is smaller.
    maxBody:
      robotsOf !== null
        ? Math.max(maxBody, mostRobotsBytes)
        : inquiry === null
          ? maxBody
          : Math.min(maxBody, maxAsked),
    follow: maxRedirects > 0 || robotsOf !== null,
    followMeta: followMeta && maxRedirects > 0 && robotsOf === null,
    denyPrivate: privateAddresses === 'deny' || (privateAddresses === 'direct' && fromPublic),
    wantsHop: keepsHops && robotsOf === null && inquiry === null,
    wantsBody: robotsOf !== null,
    compared,
    hasMore: host !== null && (host.queue.size > 0 || host.chain !== null),
    row,
  };
}

/**
 * Conditional headers, for rows of GET or HEAD without a body only; not for robots.txt, which is no row's
 * page.
 */
function conditions(
  { request, method, homeMethod, robotsOf }: Task,
  earlier: Earlier,
  url: string,
  headers: readonly string[],
): readonly string[] {
  const isReading = [method, homeMethod].every((name) => name === 'GET' || name === 'HEAD');
  const isPlain = isReading && request.body === null && robotsOf === null;
  return isPlain ? validatorsFor(earlier, url, headers) : [];
}

const noSecrets = { login: '', cookie: '' };

/** @param chain cookies that redirects on the way have set: they replace those of the user */
function secretsFor(
  { href, host }: Target,
  chain: ChainCookies | null,
  { logins, cookies }: HostSecrets,
): { readonly login: string; readonly cookie: string } {
  const cookie = chain === null ? cookies?.header(href) : chain.header(href, cookies);
  return { login: logins?.(host) ?? '', cookie: cookie ?? '' };
}
