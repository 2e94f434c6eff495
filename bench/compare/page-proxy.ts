import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Keeps the page from running, loading or framing anything. A setting of the browser that disables scripts
 * would not do: with it, browsers parse `noscript` differently.
 */
const policy = "default-src 'none'; form-action 'none'";

/**
 * An HTTP proxy that serves one page at a time, whatever its host, so that the browser sees the same URL as
 * we do.
 */
export interface PageProxy {
  /** `host:port` for the browser's setting. */
  readonly address: string;
  show: (url: string, body: Buffer) => void;
  close: () => Promise<void>;
}

export async function startPageProxy(): Promise<PageProxy> {
  let shown: { readonly url: string; readonly body: Buffer } | null = null;
  const server = createServer(({ url }, response) => {
    // With 204 the browser stays on its page, whether the page refreshes itself or the browser makes a
    // request of its own.
    if (shown === null || url !== shown.url) response.writeHead(204).end();
    else {
      const { body } = shown;
      // Served only once: a page that reloads itself would never end.
      shown = null;
      response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Security-Policy': policy }).end(body);
    }
  });
  // An HTTPS request: there are no tunnels.
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
