import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Nothing of the page may run, load or be framed. A policy and no setting of the browser: where scripts are disabled,
 * browsers read `noscript` otherwise.
 */
const policy = "default-src 'none'; form-action 'none'";

/** An HTTP proxy that has one page at a time, whatever its host, so that the browser sees the very URL that we see. */
export interface PageProxy {
  /** `host:port` for the browser's setting. */
  readonly address: string;
  show: (url: string, body: Buffer) => void;
  close: () => Promise<void>;
}

export async function startPageProxy(): Promise<PageProxy> {
  let shown: { readonly url: string; readonly body: Buffer } | null = null;
  const server = createServer(({ url }, response) => {
    // No content: the browser stays where it is, be it a refresh of the page or a request of its own.
    if (shown === null || url !== shown.url) response.writeHead(204).end();
    else {
      const { body } = shown;
      // Once: a page that reloads itself would never end.
      shown = null;
      response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Security-Policy': policy }).end(body);
    }
  });
  // HTTPS: no tunnel leads anywhere.
  server.on('connect', (_request, socket) => {
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    show: (url, body) => {
      shown = { url, body };
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
