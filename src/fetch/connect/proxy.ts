import net from 'node:net';
import { domainToASCII } from 'node:url';

import { UsageError } from '../../shared/errors.ts';
import { isNoProxy, parseProxy } from '../../options/checks.ts';
import { parseTarget, percentDecoded } from '../request/target.ts';

export interface Proxy {
  /** Whether the connection to the proxy itself is made over TLS. */
  readonly secure: boolean;
  /** Not null: it speaks SOCKS (RFC 1928), and takes everything through a tunnel. */
  readonly socks: Socks | null;
  /** A name or an address; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Value of the Proxy-Authorization header (RFC 7617); empty without credentials. */
  readonly authorization: string;
  /** Scheme, host and port for messages, without credentials: `http://proxy.example:3128`. */
  readonly name: string;
}

export interface Socks {
  /** Whether the proxy finds the addresses of names (`socks5h`), or we do (`socks5`). */
  readonly resolves: boolean;
  /** Empty without (RFC 1929). */
  readonly user: string;
  readonly password: string;
}

export interface ProxyTarget {
  /** `http:` or `https:` */
  readonly protocol: string;
  /** As a URL has it; an IPv6 address with or without brackets. */
  readonly hostname: string;
  /** Empty for the default port. */
  readonly port: string;
}

/** Gives the proxy for a target; null for a direct connection. Never throws. */
export type ProxyRules = (target: ProxyTarget) => Proxy | null;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Chooses by `--proxy`, a URL or `none`, or else by the variables http_proxy and https_proxy, each for the targets of
 * its scheme, or else all_proxy. Either way no_proxy names the targets that are reached directly; localhost and loopback addresses are
 * only when it names them. All this is curl's way, and so is the order: a variable in lower case wins over the one
 * in upper case, and an empty one counts as not set.
 *
 * Unlike curl, HTTP_PROXY in upper case is obeyed, but not where REQUEST_METHOD is set: in a CGI script it is the
 * header `Proxy` of whoever made the request ("httpoxy", CVE-2016-5385). And a proxy without a port is at 80 or 443,
 * as URLs, wget, Go, Python and Node have it; curl takes 1080 for http.
 *
 * @throws UsageError naming the option or the variable when its URL will not do; never with the credentials in it
 */
export function proxyRules(said: string | undefined, environment: Environment): ProxyRules {
  if (said !== undefined && isNoProxy(said)) return () => null;
  const option = said === undefined ? null : readProxy('--proxy', said);
  const cgi = Boolean(environment['REQUEST_METHOD']);
  const all = ['all_proxy', 'ALL_PROXY'];
  const http = option ?? named(environment, ['http_proxy', ...(cgi ? [] : ['HTTP_PROXY']), ...all]);
  const https = option ?? named(environment, ['https_proxy', 'HTTPS_PROXY', ...all]);
  const exempt = exemptions(environment['no_proxy'] || environment['NO_PROXY'] || '');
  return (target) => {
    const proxy = target.protocol === 'https:' ? https : http;
    return proxy === null || exempt(target) ? null : proxy;
  };
}

function named(environment: Environment, variables: readonly string[]): Proxy | null {
  const variable = variables.find((name) => Boolean(environment[name]));
  return variable === undefined ? null : readProxy(variable, environment[variable] ?? '');
}

function readProxy(label: string, text: string): Proxy {
  try {
    const url = parseProxy(text);
    const target = parseTarget(url.href.replace(/^socks5h?:/, 'http:'));
    if ('error' in target) throw new RangeError(target.detail);
    const port = url.port === '' ? (defaultPorts[url.protocol] ?? 80) : Number(url.port);
    const { hostname } = new URL(target.href);
    return {
      secure: url.protocol === 'https:',
      socks: socksOf(url),
      host: withoutBrackets(hostname),
      port,
      authorization: target.authorization,
      name: `${url.protocol}//${hostname}:${port}`,
    };
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`${label}: ${error.message}`);
    throw error;
  }
}

const defaultPorts: Readonly<Record<string, number>> = {
  'https:': 443,
  'socks5:': 1080,
  'socks5h:': 1080,
};

function socksOf({ protocol, username, password }: URL): Socks | null {
  if (!protocol.startsWith('socks')) return null;
  const [user, secret] = [username, password].map(percentDecoded) as [string, string];
  return { resolves: protocol === 'socks5h:', user, password: secret };
}

type Exemption = (host: string, port: number) => boolean;

/**
 * The targets that NO_PROXY exempts. Entries are separated by commas or blanks. `*` stands for all targets; `host`, `.host`
 * and `*.host` for that host and its subdomains; `address/bits` for a network. A name or a single address may end in
 * `:port`. Invalid entries exempt nothing.
 */
function exemptions(list: string): (target: ProxyTarget) => boolean {
  const entries = list.split(/[\s,]+/).filter((entry) => entry !== '');
  const rules = entries.map(exemption);
  return ({ protocol, hostname, port }) => {
    const host = plainName(hostname);
    const number = Number(port === '' ? (protocol === 'https:' ? 443 : 80) : port);
    return rules.some((rule) => rule(host, number));
  };
}

function exemption(entry: string): Exemption {
  if (entry === '*') return () => true;
  // An IPv6 address without brackets has several colons, and cannot have a port.
  const [, before, digits] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
  const matches = hostExemption(before ?? entry);
  if (digits === undefined) return matches;
  const only = Number(digits);
  return (host, port) => port === only && matches(host, port);
}

function hostExemption(text: string): Exemption {
  const [, bare = '', bits] = /^([^/]*)(?:\/(\d+))?$/.exec(text.replaceAll(/[[\]]/g, '')) ?? [];
  const version = net.isIP(bare);
  if (version !== 0) return addressExemption(bare, version, bits === undefined ? null : Number(bits));
  const name = plainName(text.replace(/^\*?\./, ''));
  if (name === '') return () => false;
  const below = `.${name}`;
  // Addresses have no subdomains: `1` does not exempt 127.0.0.1.
  return (host) => net.isIP(host) === 0 && (host === name || host.endsWith(below));
}

function addressExemption(address: string, version: number, bits: number | null): Exemption {
  const longest = version === 4 ? 32 : 128;
  if (bits !== null && bits > longest) return () => false;
  const network = new net.BlockList();
  network.addSubnet(address, bits ?? longest, version === 4 ? 'ipv4' : 'ipv6');
  return (host) => {
    const family = net.isIP(host);
    return family !== 0 && network.check(host, family === 4 ? 'ipv4' : 'ipv6');
  };
}

/** The host as in a URL, lower case and ASCII, but without brackets and without a dot at its end. */
function plainName(host: string): string {
  const name = withoutBrackets(host).replace(/\.$/, '');
  return net.isIP(name) === 0 ? domainToASCII(name) || name.toLowerCase() : name;
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
