import { domain } from './many-hosts.ts';

/** A kind of host, and how its rows must end. */
export interface Kind {
  readonly name: string;
  /** First letter of its hosts' names; names with an x do not exist (servers/names.ts). */
  readonly letter: string;
  readonly scheme: 'http' | 'https';
  readonly port: number;
  /** Allowed values of `fetch_error`; '' means success with status 200. */
  readonly ends: readonly string[];
}

export interface Ports {
  /** Answers, after the host's latency. */
  readonly healthy: number;
  /** Accepts connections and never sends anything. */
  readonly silent: number;
  readonly reset: number;
}

/** Nobody listens there, and the system does not use it as the local port of a connection. */
const closedPort = 1;
const hostDown = 'host-down';

/** The first is the healthy one. */
export function kindsOf(ports: Ports): readonly [healthy: Kind, ...dead: Kind[]] {
  const http = 'http';
  return [
    { name: 'healthy', letter: 'h', scheme: http, port: ports.healthy, ends: [''] },
    { name: 'refused', letter: 'r', scheme: http, port: closedPort, ends: ['connect-refused', hostDown] },
    {
      name: 'black-holed',
      letter: 'b',
      scheme: http,
      port: ports.silent,
      ends: ['headers-timeout', 'timeout', hostDown],
    },
    { name: 'no such name', letter: 'x', scheme: http, port: ports.healthy, ends: ['dns-not-found'] },
    {
      name: 'reset',
      letter: 's',
      scheme: http,
      port: ports.reset,
      ends: ['connect-reset', 'http-closed', hostDown],
    },
    {
      name: 'TLS stalled',
      letter: 't',
      scheme: 'https',
      port: ports.silent,
      ends: ['connect-timeout', hostDown],
    },
  ];
}

/** Of each twenty hosts, one is of each dead kind; the others are healthy. */
const period = 20;

/** The hosts take turns row by row; each has its own number, and so its own address. */
export function mixedUrls(kinds: readonly Kind[], hosts: number, rowsPerHost: number): string[] {
  const [healthy, ...dead] = kinds;
  const origins = Array.from({ length: hosts }, (_, i) => {
    const kind = dead[i % period] ?? healthy;
    return kind === undefined ? '' : `${kind.scheme}://${kind.letter}${i + 1}.${domain}:${kind.port}`;
  });
  return Array.from({ length: rowsPerHost }, (_, row) =>
    origins.map((origin) => `${origin}/item/${row + 1}`),
  ).flat();
}

export function kindOfUrl(kinds: readonly Kind[], url: string): Kind {
  const { hostname } = new URL(url);
  const kind = kinds.find(({ letter }) => hostname.startsWith(letter));
  if (kind === undefined) throw new Error(`${url} is not of this list`);
  return kind;
}
