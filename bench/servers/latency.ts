/**
 * Answers every request with 200 after some time. Usage: node latency.js MS|by-host
 *
 * `by-host`: each host takes its own time (`latencyOf`). It listens on all addresses of this machine;
 * /counters reports what was served. It understands only as much of HTTP as the contestants send (requests
 * without bodies, one after the other): node:http takes four times the CPU, and answers some milliseconds
 * late when 500 clients ask at once.
 */
import { createServer, type Socket } from 'node:net';
import { latencyOf } from '../many-hosts.ts';
import { tellPorts } from './tell-ports.ts';

const [, , text = ''] = process.argv;
const fixed = text === 'by-host' ? undefined : Number(text);
const answer = Buffer.from(page('x'.repeat(256)));
const latencies = new Map<string, number>();
let connections = 0;
let requests = 0;
/** Milliseconds by which answers were late, summed up. */
let late = 0;

const server = createServer({ noDelay: true }, (socket) => {
  let head = '';
  connections += 1;
  // A client may reset a connection that it no longer needs.
  socket.on('error', () => {}).setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    head += chunk;
    if (!head.endsWith('\r\n\r\n')) return;
    serve(socket, head);
    head = '';
  });
});
server.listen({ port: 0, host: '0.0.0.0', backlog: 4096 }, () => tellPorts({ http: server }));

function serve(socket: Socket, head: string): void {
  if (head.startsWith('GET /counters ')) {
    socket.end(page(JSON.stringify({ connections, requests, late })));
    return;
  }
  requests += 1;
  const asked = performance.now();
  const latency = fixed ?? latencyFor(/\r\nhost: *([^:\r]*)/i.exec(head)?.[1] ?? '');
  setTimeout(() => {
    late += performance.now() - asked - latency;
    socket.write(answer);
  }, latency);
}

function latencyFor(host: string): number {
  let latency = latencies.get(host);
  if (latency === undefined) {
    latency = latencyOf(host);
    latencies.set(host, latency);
  }
  return latency;
}

function page(body: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
