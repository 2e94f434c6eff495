import type { Socket } from 'node:net';

/** The proxy did not open the tunnel. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  /** HTTP status of the proxy's reply; null without a valid reply. */
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

/** Bytes of the reply's header at most, including 1xx replies before it. */
const largestHead = 16 * 1024;

/** Characters of a reason phrase that are shown at most. */
const longestReason = 80;

/**
 * Asks the proxy at the other end of a socket for a tunnel (RFC 9110, section 9.3.6). Calls back once, never before it
 * returns: with null when the tunnel is open, and the socket can be used as if connected to the target; else with a
 * ProxyError or the socket's error.
 *
 * The caller sets a deadline, listens for errors of the socket too, and destroys the socket after a failure.
 *
 * @param authorization value of Proxy-Authorization; empty: not sent
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
  // Not 'data', which would make the socket flow and lose bytes before its next owner listens.
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

// RFC 9112, section 4. Some servers leave out the blank before the reason. It cannot hold control characters.
// oxlint-disable-next-line no-control-regex -- excluded from the reason
const statusLine = /^HTTP\/1(?:\.\d)? *([1-5]\d\d)(?!\d) *([^\0-\x08\x0a-\x1f\x7f]*)?(?:\r*\n|$)/i;

/** The length of the header of a 2xx reply; an error for any other reply; null while it is incomplete. */
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
    // Checked on the first bytes, as a server of another protocol may wait for more from us.
    if (!'HTTP/1'.startsWith(head.slice(0, 6).toUpperCase())) return notHttp();
    if (end === null) return null;
    const [, digits, reason = ''] = statusLine.exec(head) ?? [];
    if (digits === undefined) return notHttp();
    const status = Number(digits);
    start = end;
    // Content-Length is ignored: the bytes that follow belong to the tunnel.
    if (status >= 200 && status <= 299) return { length: start };
    // Another reply follows a 1xx, except 101, which ends HTTP although no upgrade was asked for.
    if (status >= 200 || status === 101) return refusal(status, reason);
  }
}

function notHttp(): ProxyError {
  return new ProxyError('the proxy answered with something that is not HTTP/1');
}

function refusal(status: number, reason: string): ProxyError {
  // Text from the network that may end in a log: only printable ASCII, and cut.
  const shown = reason
    .replaceAll(/[^ -~]/g, '?')
    .trim()
    .slice(0, longestReason);
  return new ProxyError(`the proxy answered ${status} ${shown}`.trimEnd(), status);
}
