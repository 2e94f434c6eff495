import type { Socket } from 'node:net';

/** A proxy that does not open the tunnel. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  /** What the proxy answered with; null when it gave no answer that could be read. */
  readonly status: number | null;

  constructor(message: string, status: number | null = null) {
    super(message);
    this.status = status;
  }
}

export interface TunnelTarget {
  /** An IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Bytes of the head of a reply, 1xx replies before it included; undici bounds heads alike. */
const largestHead = 16 * 1024;

/** Characters of a reason phrase that are shown. */
const longestReason = 80;

/**
 * Asks the proxy at the other end of a connected socket for a tunnel (RFC 9110, section 9.3.6) and calls back once:
 * with null when it is open, when the socket is as if it had been connected to the target, and else with a ProxyError
 * or the socket's own error. It is never called back before this returns.
 *
 * The caller has the deadline, listens for the socket's errors itself, and destroys the socket when the tunnel did
 * not open.
 *
 * @param authorization value of Proxy-Authorization; empty: none is sent
 */
export function openTunnel(
  socket: Socket,
  to: TunnelTarget,
  authorization: string,
  callback: (error: Error | null) => void,
): void {
  let received = Buffer.alloc(0);
  let settled = false;

  const settle = (error: Error | null): void => {
    if (settled) return;
    settled = true;
    socket.off('readable', onReadable).off('end', onEnd).off('close', onEnd).off('error', settle);
    callback(error);
  };
  const onEnd = (): void => settle(new ProxyError('the proxy closed the connection without an answer'));
  // Not 'data': what stays unread must not flow away before the next owner of the socket listens.
  const onReadable = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    received = Buffer.concat([received, chunk]);
    const reply = finalReply(received);
    if (reply === null) return;
    if (reply instanceof ProxyError) return settle(reply);
    const rest = received.subarray(reply.length);
    if (rest.length > 0) socket.unshift(rest);
    settle(null);
  };

  socket.on('readable', onReadable).on('end', onEnd).on('close', onEnd).on('error', settle);
  socket.write(connectRequest(to, authorization), (error) => {
    if (error !== null && error !== undefined) settle(error);
  });
}

function connectRequest({ host, port }: TunnelTarget, authorization: string): string {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const credentials = authorization === '' ? '' : `Proxy-Authorization: ${authorization}\r\n`;
  return `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${credentials}\r\n`;
}

// RFC 9112, section 4. The blank before the reason is left out by some. Control characters are no part of it.
// oxlint-disable-next-line no-control-regex -- they are what it keeps out
const statusLine = /^HTTP\/1(?:\.\d)? *([1-5]\d\d)(?!\d) *([^\0-\x08\x0a-\x1f\x7f]*)?(?:\r*\n|$)/i;

/** The bytes up to the end of a 2xx head; an error for any other reply; null when more has to come. */
function finalReply(received: Buffer): { readonly length: number } | ProxyError | null {
  let start = 0;
  for (;;) {
    const rest = received.toString('latin1', start);
    // LF alone ends a line, too (RFC 9112, section 2.2).
    const emptyLine = /\n\r*\n/.exec(rest);
    const end = emptyLine === null ? null : start + emptyLine.index + emptyLine[0].length;
    if (start + (emptyLine?.index ?? rest.length) > largestHead + 1) {
      return new ProxyError('the proxy answered with a head of more than 16 KiB');
    }
    const head = emptyLine === null ? rest : rest.slice(0, emptyLine.index + 1);
    // Known from the first bytes: who speaks another protocol may wait for us to go on.
    if (!'HTTP/1'.startsWith(head.slice(0, 6).toUpperCase())) return notHttp();
    if (end === null) return null;
    const [, digits, reason = ''] = statusLine.exec(head) ?? [];
    if (digits === undefined) return notHttp();
    const status = Number(digits);
    start = end;
    // A Content-Length in it does not count: what follows belongs to the tunnel.
    if (status >= 200 && status <= 299) return { length: start };
    // 1xx announce another reply, but for 101: it ends HTTP, and nobody asked for that.
    if (status >= 200 || status === 101) return refusal(status, reason);
  }
}

function notHttp(): ProxyError {
  return new ProxyError('the proxy answered with something that is not HTTP/1');
}

function refusal(status: number, reason: string): ProxyError {
  // It comes from the network and may end in a log: plain text, and not much of it.
  const shown = reason
    .replaceAll(/[^ -~]/g, '?')
    .trim()
    .slice(0, longestReason);
  return new ProxyError(`the proxy answered ${status} ${shown}`.trimEnd(), status);
}
