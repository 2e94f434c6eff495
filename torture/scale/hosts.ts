import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A web server that stands for all hosts of a list, and counts the concurrent requests to each. */
export class Hosts {
  requests = 0;
  /** The most concurrent requests that any one host had. */
  most = 0;
  /** Hosts that had more concurrent requests than allowed. */
  readonly over = new Set<string>();
  readonly #running = new Map<string, number>();
  readonly #server: Server;

  /**
   * @param latency milliseconds until a request is answered
   * @param allowed concurrent requests per host
   */
  static async open(latency: () => number, allowed: number): Promise<Hosts> {
    const server = createServer((request, response) => {
      const host = request.headers.host ?? '';
      const running = (hosts.#running.get(host) ?? 0) + 1;
      hosts.#running.set(host, running);
      hosts.requests++;
      hosts.most = Math.max(hosts.most, running);
      if (running > allowed) hosts.over.add(host);
      let isCounted = true;
      const leave = (): void => {
        if (isCounted) hosts.#running.set(host, (hosts.#running.get(host) ?? 1) - 1);
        isCounted = false;
      };
      // Also counts down for a client that was killed before its answer.
      response.on('close', leave);
      setTimeout(() => {
        // Count down before answering: the client's next request may come at once.
        leave();
        response.end(`page ${request.url}`);
      }, latency());
    });
    const hosts = new Hosts(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return hosts;
  }

  private constructor(server: Server) {
    this.#server = server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
