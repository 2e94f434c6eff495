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
  /** The same for what a page asks for: that is kept in memory. */
  readonly maxAsked: number;
  readonly maxRedirects: number;
  /** Whether a page that leads on by itself is a redirect. */
  readonly followMeta: boolean;
  /** Whether redirects are kept as they were on the wire. */
  readonly keepsHops: boolean;
  /** Addresses that are not public: never, always, or not by a redirect from a public one. */
  readonly privateAddresses: 'deny' | 'allow' | 'direct';
  /** Logins and cookies that the user has for hosts. */
  readonly secrets: HostSecrets;
  /** Names of query parameters that must not be kept. */
  readonly secretNames: readonly string[];
}

/** What the engine is told of the next request of a task. @param compared its URL, if its page is to be compared with others */
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
    // robots.txt is read whatever the rows may have.
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

/** Only what is read, and nothing is told by, can be asked for under conditions; robots.txt is no row's page. */
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
