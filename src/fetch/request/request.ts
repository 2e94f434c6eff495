import { UsageError } from '../../shared/errors.ts';
import { valueFault } from '../../options/checks.ts';
import type { Row, Table } from '../../shared/records.ts';
import { compileCellText } from './cell-text.ts';
import { acceptEncoding } from '../../page/content-coding.ts';
import type { Target } from './target.ts';

/** Settings of all requests, before the cells of a row are put in for `{column}`. */
export interface RequestSettings {
  readonly method: string;
  /**
   * As given, in order. One of the same name as a header of urlmill's own replaces that; an empty value removes it.
   */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Headers for single hosts: a host name, or `*.` and a domain for its subdomains. An empty value takes one away. */
  readonly hostHeaders: readonly (readonly [host: string, name: string, value: string])[];
  readonly userAgent: string;
  /** The body: text that may hold `{column}`, or bytes as they are. */
  readonly data: string | Buffer | null;
}

/** The part of a request that comes from its row. */
export interface RowRequest {
  /** Names and values in turn, sent to whatever host the row leads to. */
  readonly headers: readonly string[];
  /** Headers that may be secrets: sent to the origin of the row's own URL only, until a redirect leaves it. */
  readonly ownHeaders: readonly string[];
  /** Headers that are sent to one host only, however a request gets there. */
  readonly hostHeaders: readonly (readonly [host: string, name: string, value: string])[];
  readonly body: Buffer | null;
  /** Not given: that of the options. */
  readonly method?: string;
}

/** Headers that hold no secret though the user gives them: a redirect to another origin keeps them. */
export const harmless =
  /^(?:accept(?:-charset|-encoding|-language)?|cache-control|content-(?:encoding|language|location|type)|dnt|from|pragma|range|user-agent)$/i;

type HeaderPart = readonly [name: string, value: (cells: readonly string[]) => string];

/** Why there is no request for a row. */
export interface RequestFault {
  readonly detail: string;
}

/**
 * Makes the requests of one table's rows; without any `{column}`, one request for all rows.
 *
 * @throws UsageError when a header or the data names an unknown column
 */
export function requestMaker(
  settings: RequestSettings,
  table: Table,
): (row: Row) => RowRequest | RequestFault {
  const given = settings.headers.map(([name, value]): HeaderPart => [
    name,
    compileCellText(value, table.names, `--header ${name}`),
  ]);
  const replaced = new Set(given.map(([name]) => name.toLowerCase()));
  const own: HeaderPart[] = defaults(settings)
    .filter(([name]) => !replaced.has(name))
    .map(([name, value]) => [name, () => value]);
  const shared = [...own, ...given.filter(([name]) => harmless.test(name))];
  const secret = given.filter(([name]) => !harmless.test(name));
  const forHosts = settings.hostHeaders.map(
    ([host, name, value]) => [host, name, compileCellText(value, table.names, `--header ${name}`)] as const,
  );
  const { data } = settings;
  const text = typeof data === 'string' ? compileCellText(data, table.names, '--data') : null;
  const make = (cells: readonly string[]): RowRequest | RequestFault => {
    const headers = fields(shared, cells);
    const ownHeaders = fields(secret, cells);
    const body = text?.(cells) ?? '';
    const hostHeaders = forHosts.map(([host, name, value]) => [host, name, value(cells)] as const);
    const fault =
      faultIn(headers) ?? faultIn(ownHeaders) ?? faultIn(hostHeaders.flatMap(([, ...field]) => field));
    if (fault !== null) return { detail: fault };
    if (!body.isWellFormed()) return { detail: 'the body (--data) holds half of a surrogate pair' };
    return {
      headers: headers.map(bytesOf),
      ownHeaders: ownHeaders.map(bytesOf),
      hostHeaders: hostHeaders.map(([host, name, value]) => [host, name, bytesOf(value)]),
      body: text === null ? (data as Buffer | null) : Buffer.from(body),
    };
  };
  const texts = [...settings.headers, ...settings.hostHeaders].map((header) => header.at(-1) ?? '');
  const varies = [...texts, typeof data === 'string' ? data : ''].some((part) => part.includes('{'));
  if (!varies) {
    const same = make([]);
    if ('detail' in same) throw new UsageError(same.detail);
    return () => same;
  }
  return ({ cells }) => make(cells);
}

function defaults({ userAgent, data }: RequestSettings): [string, string][] {
  const all: [string, string][] = [
    ['user-agent', userAgent],
    ['accept', '*/*'],
    ['accept-encoding', acceptEncoding],
  ];
  if (typeof data === 'string') all.push(['content-type', 'application/x-www-form-urlencoded']);
  return all;
}

/** A field value as it is on the wire: the bytes of its UTF-8, a character for each. */
export function bytesOf(text: string): string {
  return /[\u0080-\uffff]/.test(text) ? Buffer.from(text).toString('latin1') : text;
}

/** @param headers names and values in turn, as texts */
function faultIn(headers: readonly string[]): string | null {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const fault = valueFault(headers[i] ?? '', headers[i + 1] ?? '');
    if (fault !== null) return `the value of the header ${headers[i]} ${fault}`;
  }
  return null;
}

/** Names and values in turn. */
function fields(parts: readonly HeaderPart[], cells: readonly string[]): string[] {
  return parts.flatMap(([name, value]) => {
    const text = value(cells);
    return text === '' ? [] : [name, text];
  });
}

/**
 * The headers of one request of a row. Once a redirect has left the origin of the row's own URL, headers that may be
 * secret and the credentials of that URL are left out for good: a stranger who leads back must not choose what they
 * are used for (Fetch Standard, "HTTP-redirect fetch"). Headers, cookies and logins that are meant for the target's
 * host are sent in any case.
 *
 * @param home the row's own URL; null when a redirect has left its origin
 * @param hasBody whether the body is (still) sent
 * @param cookies value of the Cookie header from a file or from redirects on the way; empty without
 * @param login value of the Authorization header where nothing else gives one; empty without
 */
export function headersFor(
  { headers, ownHeaders, hostHeaders, body }: RowRequest,
  target: Target,
  home: Target | null,
  hasBody: boolean,
  cookies: string,
  login = '',
): readonly string[] {
  const general = body === null || hasBody ? headers : withoutContent(headers);
  const secret = home === null ? [] : ownHeaders;
  const forHost = hostHeaders.filter(([host]) => isMeant(host, target.host));
  const shared = withFields(general, forHost, false);
  const own = withCookies(withFields(secret, forHost, true), cookies);
  // A redirect within an origin seldom repeats the credentials of the URL.
  const authorization = target.authorization || home?.authorization || login;
  const authorized =
    authorization === '' || own.some((name, i) => i % 2 === 0 && /^authorization$/i.test(name));
  if (authorized) return own.length === 0 ? shared : [...shared, ...own];
  return [...shared, ...own, 'authorization', authorization];
}

/** @param pattern a host, or `*.` and a domain whose subdomains are meant */
function isMeant(pattern: string, host: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern;
}

/** The headers without those for which this host has its own; with these, if `added`. */
function withFields(
  headers: readonly string[],
  forHost: RowRequest['hostHeaders'],
  added: boolean,
): readonly string[] {
  if (forHost.length === 0) return headers;
  const names = new Set(forHost.map(([, name]) => name.toLowerCase()));
  const others = headers.filter((_, i) => !names.has((headers[i - (i % 2)] ?? '').toLowerCase()));
  if (!added) return others;
  return [...others, ...forHost.flatMap(([, name, value]) => (value === '' ? [] : [name, value]))];
}

/**
 * The headers of a row that its request for robots.txt has too: they tell who asks. Headers that choose a part or a
 * media type of the pages would get another file.
 */
export function robotsHeaders(headers: readonly string[]): string[] {
  const own = headers.filter((_, i) =>
    /^(?:accept-encoding|from|user-agent)$/i.test(headers[i - (i % 2)] ?? ''),
  );
  return [...own, 'accept', '*/*'];
}

/** The headers of a request that may be shown to others. */
export function harmlessHeaders(headers: readonly string[]): string[] {
  return headers.filter((_, i) => harmless.test(headers[i - (i % 2)] ?? ''));
}

/** The name by which a site knows the requests: the last User-Agent that is sent. */
export function sentAgent({ headers, userAgent }: RequestSettings): string {
  return headers.findLast(([name, value]) => /^user-agent$/i.test(name) && value !== '')?.[1] ?? userAgent;
}

/**
 * Adds cookies of a file or of redirects after those in a header of the user's: a request has one Cookie header only
 * (RFC 6265, section 5.4).
 */
function withCookies(own: readonly string[], cookies: string): readonly string[] {
  if (cookies === '') return own;
  const at = own.findIndex((name, i) => i % 2 === 0 && /^cookie$/i.test(name));
  return at === -1 ? [...own, 'cookie', cookies] : own.with(at + 1, `${own[at + 1]}; ${cookies}`);
}

/**
 * Headers without those that describe a body, for a request without one (Fetch Standard, "request-body-header name").
 */
export function withoutContent(headers: readonly string[]): string[] {
  return headers.filter((_, i) => !/^content-/i.test(headers[i - (i % 2)] ?? ''));
}
