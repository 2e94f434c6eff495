import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';

/** The web server for the torture: it answers `/row/N`, and counts the requests for each row. */
export class Site {
  requests = 0;
  /** The most concurrent requests since counting began. */
  mostAtOnce = 0;
  #atOnce = 0;
  #asked = new Map<number, number>();
  #onRequest: (() => void) | null = null;
  readonly #server: Server;

  /** @param latency milliseconds until a request is answered */
  static async open(latency: () => number): Promise<Site> {
    const server = createServer((request, response) => {
      const row = Number(/^\/row\/(\d+)$/.exec(request.url ?? '')?.[1]);
      site.requests++;
      site.#asked.set(row, site.askedFor(row) + 1);
      site.#onRequest?.();
      site.mostAtOnce = Math.max(site.mostAtOnce, ++site.#atOnce);
      let isCounted = true;
      // Also counts down for a client that was killed before its answer.
      response.on('close', leave);
      const wait = latency();
      if (wait === 0) answer();
      else setTimeout(answer, wait);

      function answer(): void {
        // Count down before answering: the client's next request may come at once.
        leave();
        response.statusCode = row % 50 === 0 ? 404 : 200;
        const isPage = row % 3 === 0;
        response.setHeader('content-type', isPage ? 'text/html' : 'text/plain');
        const tag = `"${row}"`;
        if (row % 2 === 0) response.setHeader('etag', tag);
        if (request.headers['if-none-match'] === tag) return void response.writeHead(304).end();
        return void response.end(`${isPage ? `<title>No. ${row}</title>` : ''}${'x'.repeat(row % 1000)}`);
      }

      function leave(): void {
        if (isCounted) site.#atOnce--;
        isCounted = false;
      }
    });
    const site = new Site(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return site;
  }

  private constructor(server: Server) {
    this.#server = server;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  askedFor(row: number): number {
    return this.#asked.get(row) ?? 0;
  }

  /** Restarts counting, once all requests that a killed run left in its sockets have arrived. */
  async forget(): Promise<void> {
    const connections = promisify(this.#server.getConnections.bind(this.#server));
    while ((await connections()) > 0) await setImmediate();
    this.#asked = new Map();
    this.mostAtOnce = 0;
  }

  nextRequest(): Promise<void> {
    return new Promise((resolve) => (this.#onRequest = resolve));
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
