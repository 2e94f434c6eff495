/** Checks of option values that need no files. Each throws a RangeError with the reason. */

import { isIP, isIPv6 } from 'node:net';

import { token } from '../shared/http-token.ts';

/** Quotes a text for a message, without the part before its last @, which may be a password. */
export function quoted(text: string): string {
  return JSON.stringify(text.replace(/^.*@/s, '…@'));
}

export function checkScheme(text: string): void {
  if (!/^(https?|https,http|none)$/i.test(text))
    throw new RangeError(`https, http, "https,http" or none is needed, got ${quoted(text)}`);
}

/** One ASCII character other than a line end. */
export function checkCharacter(text: string): void {
  if (text.length !== 1 || /[\r\n]/.test(text) || text > '\u007f') {
    throw new RangeError(`one ASCII character is needed, got ${quoted(text)}`);
  }
}

export function checkQuote(text: string): void {
  if (text !== 'none') checkCharacter(text);
}

export function checkDelimiter(text: string): void {
  if (text === 'tab' || text === '\\t') return;
  if (text.length !== 1 || /["\r\n]/.test(text) || text > '\u007f') {
    throw new RangeError(`one ASCII character or "tab" is needed, got ${quoted(text)}`);
  }
}

export function checkOutputDelimiter(text: string): void {
  checkDelimiter(text);
  // Numbers are written without quotes, so no number may contain the delimiter.
  if (/^[\d.+e-]$/.test(text))
    throw new RangeError(`a character that is in no number is needed, got ${quoted(text)}`);
}

export function checkMethod(text: string): void {
  if (!token.test(text)) throw new RangeError(`"${text}" is not a method`);
  if (/^(connect|trace)$/i.test(text)) throw new RangeError(`${text.toUpperCase()} cannot be used`);
}

/** The reason does not quote the text: the secret value may have been given after the name. */
export function checkParameterName(text: string): void {
  if (!/^[^=&#?]+$/.test(text)) throw new RangeError('the name of a query parameter alone is needed');
}

/** Headers about the connection or the framing of the message, which only urlmill may set. */
const framing = /^(connection|content-length|expect|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;

/** The reason does not quote the value, which may be a secret. */
export function checkHeader(text: string): void {
  if (text.startsWith('@')) return;
  const colon = text.indexOf(':');
  const name = text.slice(0, Math.max(colon, 0)).trim();
  if (!token.test(name)) throw new RangeError(`a header "Name: value" or @FILE is needed`);
  if (framing.test(name)) throw new RangeError(`the header ${name} is set by urlmill itself`);
  const value = text.slice(colon + 1).trim();
  // A value with a {column} can only be checked for each row.
  const hasCell = /\{[^{}"\n]+\}/.test(value.replaceAll(/\{\{[^{}"\n]+\}\}/g, ''));
  const fault = valueFault('', text) ?? (hasCell ? null : valueFault(name, value));
  if (fault !== null) throw new RangeError(`the value of the header ${name} ${fault}`);
}

export function checkUserAgent(text: string): void {
  const fault = valueFault('user-agent', text);
  if (fault !== null) throw new RangeError(`the name ${fault}`);
}

/** Why a value is not allowed in this header, as the end of a sentence; null when it is. */
export function valueFault(name: string, value: string): string | null {
  if (hasControl(value)) return 'holds a control character';
  if (!value.isWellFormed()) return 'holds half of a surrogate pair';
  return /^host$/i.test(name) && value !== '' && !isHost(value) ? 'is not a host' : null;
}

/** Whether the text is a host, with or without a port (RFC 9110, section 7.2; RFC 3986, section 3.2.2). */
function isHost(text: string): boolean {
  const [host = '', address] = /^(?:\[([\da-f:.]+)\]|[\w.~!$&'()*+,;=%-]+)(?::\d*)?$/i.exec(text) ?? [];
  return address === undefined ? host !== '' : isIPv6(address);
}

/** Whether the text has a character that is not allowed in a header value (RFC 9110, section 5.5). */
export function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) return true;
  }
  return false;
}

export function checkColumn(name: string): void {
  // Values are properties of objects, where __proto__ would be special.
  if (name === '' || name === '__proto__') throw new RangeError(`"${name}" cannot be the name of a column`);
}

/** Names: one text with commas between them, or a list. */
export type Names = string | readonly string[];

export function listed(names: Names): string[] {
  return (typeof names === 'string' ? names.split(',') : names).map((name) => name.trim());
}

export function checkChangeBy(text: string): void {
  if (listed(text).includes(''))
    throw new RangeError(`body, text or names of columns are needed, got ${quoted(text)}`);
}

export interface Named {
  /** Name of a column, or of an option of the module. */
  readonly name: string;
  readonly text: string;
}

export interface NamedColumn extends Named {
  /** Whether the column gets all matches as a JSON array, instead of the first match. */
  readonly isList: boolean;
}

/** `NAME=TEXT` or `NAME*=TEXT`: a column and what fills it. */
export function parseNamed(said: string): NamedColumn {
  const end = said.indexOf('=');
  if (end === -1 || end === said.length - 1) throw new RangeError(`NAME=… is needed, got ${quoted(said)}`);
  const isList = said[end - 1] === '*';
  const name = said.slice(0, isList ? end - 1 : end);
  checkColumn(name);
  return { name, isList, text: said.slice(end + 1) };
}

export function checkNamed(said: string): void {
  parseNamed(said);
}

/** Parses `NAME=VALUE`. The message does not repeat the text, which may be a secret. */
export function parseModuleOption(said: string): Named {
  const end = said.indexOf('=');
  if (end < 1) throw new RangeError('NAME=VALUE is needed');
  return { name: said.slice(0, end), text: said.slice(end + 1) };
}

export function checkModuleOption(said: string): void {
  parseModuleOption(said);
}

export function checkNamedHeader(said: string): void {
  const { text } = parseNamed(said);
  if (!token.test(text)) throw new RangeError(`"${text}" is not the name of a header`);
}

/** Parses `--next`: how the next page is found (json, header or select), and the expression or selector for it. */
export function parseNext(said: string): { readonly by: string; readonly text: string } {
  const [, by = '', text = ''] = /^(json|select|header):\s*(.*\S)\s*$/is.exec(said) ?? [];
  const means = by.toLowerCase();
  if (by === '' || (means === 'header' && text.toLowerCase() !== 'link'))
    throw new RangeError(`json:EXPR, header:link or select:CSS@href is needed, got ${quoted(said)}`);
  return { by: means, text };
}

export function checkNext(said: string): void {
  parseNext(said);
}

export function checkConnectTo(text: string): void {
  parseConnectTo(text);
}

export interface ConnectRule {
  readonly fromHost: string;
  readonly fromPort: string;
  readonly toHost: string;
  readonly toPort: string;
}

/** `H1:P1:H2:P2` as for curl's --connect-to. IPv6 addresses need brackets. */
export function parseConnectTo(text: string): ConnectRule {
  const host = String.raw`(\[[0-9a-fA-F:.]+\]|[^:[\]@/?#\\]*)`;
  const match = new RegExp(String.raw`^${host}:(\d*):${host}:(\d*)$`).exec(text);
  if (match === null) throw new RangeError(`H1:P1:H2:P2 is needed, got ${quoted(text)}`);
  const [, fromHost = '', fromPort = '', toHost = '', toPort = ''] = match;
  if (Number(fromPort) > 65_535 || Number(toPort) > 65_535) throw new RangeError(`no such port in "${text}"`);
  return { fromHost: plainHost(fromHost, text), fromPort, toHost: plainHost(toHost, text), toPort };
}

/** Normalizes a host as in URLs: lower case, ASCII, addresses in their usual form; an IPv6 address without brackets. */
export function plainHost(host: string, text: string): string {
  if (host === '') return '';
  try {
    return new URL(`http://${host}/`).hostname.replace(/^\[|\]$/g, '');
  } catch {
    throw new RangeError(`"${host}" in "${text}" is not a host`);
  }
}

export function checkStatuses(text: string): void {
  statusesIn(text);
}

/** Parses statuses such as `429,500-504,5xx`, or `none`. @returns whether a status is one of them */
export function statusesIn(text: string): (status: number) => boolean {
  const parts = /^\s*none\s*$/i.test(text) ? [] : text.split(',').map((part) => part.trim());
  const ranges = parts.map((part) => {
    const [, first = '', last = first] = /^([2-5](?:\d\d|xx))(?:-([2-5]\d\d))?$/i.exec(part) ?? [];
    const range = { first: Number(first.replace(/xx/i, '00')), last: Number(last.replace(/xx/i, '99')) };
    if (first === '' || range.first > range.last)
      throw new RangeError(`statuses like 429,500-504,5xx, or "none", are needed, got ${quoted(text)}`);
    return range;
  });
  return (status) => ranges.some(({ first, last }) => status >= first && status <= last);
}

/** A proxy or `none`, as for --proxy. The reason does not quote the text, which may hold a password. */
export function checkProxy(text: string): void {
  if (!isNoProxy(text)) parseProxy(text);
}

/** Whether --proxy turns proxies off: `none`, or an empty text as for curl. */
export function isNoProxy(text: string): boolean {
  return /^(none)?$/i.test(text);
}

/**
 * `[SCHEME://][user:password@]host[:port]` with one of http, https, socks5 and socks5h. Without a scheme it is http.
 *
 * @throws RangeError with the reason, which never holds the text: it may hold a password
 */
export function parseProxy(text: string): URL {
  const trimmed = text.trim();
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(trimmed)?.[1]?.toLowerCase() ?? '';
  if (!['', 'http', 'https', 'socks5', 'socks5h'].includes(scheme)) {
    throw new RangeError(`a proxy is reached by http, https, socks5 or socks5h, not by ${scheme}`);
  }
  const whole = scheme === '' ? `http://${trimmed}` : trimmed;
  if (!URL.canParse(whole) || new URL(whole).hostname === '') {
    throw new RangeError('a proxy like http://user:password@proxy.example:3128 is needed');
  }
  const url = new URL(whole);
  // One of these characters unescaped in a password would end the authority early and make the user's name the host.
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '') {
    throw new RangeError(
      'nothing may follow the host and port of a proxy; in a password "/", "?" and "#" are written %2F, %3F and %23',
    );
  }
  return url;
}

export function checkNameServer(text: string): void {
  parseNameServer(text);
}

export interface NameServerAddress {
  readonly address: string;
  readonly port: number;
}

/** `1.2.3.4` or `[::1]`, with or without `:PORT`; an IPv6 address without a port needs no brackets. */
export function parseNameServer(text: string): NameServerAddress {
  const parts = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? [];
  const [, bracketed = '', plain = '', port = '53'] = parts;
  const address = [text, plain].find((part) => isIP(part) !== 0) ?? (isIPv6(bracketed) ? bracketed : '');
  if (address === '') {
    throw new RangeError(
      `an IP address is needed (1.2.3.4, 1.2.3.4:53, [2001:db8::1]:53), got ${quoted(text)}`,
    );
  }
  if (Number(port) < 1 || Number(port) > 65_535) throw new RangeError(`no such port in "${text}"`);
  return { address, port: Number(port) };
}
