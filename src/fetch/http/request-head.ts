import type { Proxy } from '../connect/proxy.ts';
import { isName } from '../../page/headers.ts';
import { saysLength } from '../../shared/content-length.ts';
import type { EngineRequest } from '../messages.ts';

/**
 * The head of a request (RFC 9112, section 3), a character per byte.
 *
 * @param host value of the Host header unless the request has its own
 * @param proxy the proxy that forwards the request; null: none
 */
export function requestHead(
  { method, origin, path, headers, body }: EngineRequest,
  host: string,
  proxy: Proxy | null,
): string {
  let fields = '';
  let named = host;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? '';
    if (isName(name, 'host')) named = headers[i + 1] ?? '';
    else fields += `${name}: ${headers[i + 1]}\r\n`;
  }
  const login = proxy?.authorization ?? '';
  if (login !== '') fields += `proxy-authorization: ${login}\r\n`;
  const length = body?.length ?? 0;
  if (saysLength(method, length)) fields += `content-length: ${length}\r\n`;
  // RFC 9112, section 3.2.2: a proxy is told the whole URL.
  const target = proxy === null ? path : origin + path;
  // A server may send a body to HEAD all the same: no other request follows on its connection.
  const kept = method === 'HEAD' ? 'close' : 'keep-alive';
  return `${method} ${target} HTTP/1.1\r\nhost: ${named}\r\nconnection: ${kept}\r\n${fields}\r\n`;
}

/** The Host header that the user has given; null: none. */
export function givenHost(headers: readonly string[]): string | null {
  const at = headers.findIndex((name, i) => i % 2 === 0 && isName(name, 'host'));
  return at === -1 ? null : (headers[at + 1] ?? '');
}
