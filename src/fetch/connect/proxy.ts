import net from 'node:net';
import { domainToASCII } from 'node:url';

import { UsageError } from '../../shared/errors.ts';
import { isNoProxy, parseProxy } from '../../options/checks.ts';
import { parseTarget, percentDecoded } from '../request/target.ts';

export interface Proxy {
  /** Whether the connection to the proxy itself is made over TLS. */
  readonly secure: boolean;
  /** The settings of a SOCKS proxy (RFC 1928), which opens a tunnel for every target; null for an HTTP proxy. */
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
  /** Whether the proxy resolves names (`socks5h`); else we do (`socks5`). */
  readonly resolves: boolean;
  /** Login of RFC 1929; empty without one. */
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
 * Makes the rules that choose a proxy: `--proxy`, a URL or `none`, else the variables http_proxy and
 * https_proxy, each for targets of its scheme, else all_proxy. Targets in no_proxy are reached directly;
 * localhost and loopback addresses only if they are named there. As in curl, a variable in lower case wins
 * over the one in upper case, and an empty one counts as not set.
 *
 * Two things differ from curl. HTTP_PROXY in upper case is obeyed, unless REQUEST_METHOD is set: in a CGI
 * script it would be the header `Proxy` of a request ("httpoxy", CVE-2016-5385). And the default port is 80
 * or 443, as in wget, Go, Python and Node, while curl uses 1080.
 *
 * @throws UsageError naming the option or variable whose URL is invalid, without credentials
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
  // RFC 1929, section 2: each length is one byte.
  if (Buffer.byteLength(user) > 255 || Buffer.byteLength(secret) > 255)
    throw new RangeError('the user and the password of a SOCKS proxy have at most 255 bytes each');
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
