/**
 * The least that Node can do for a list of many https hosts: a TLS socket and a request per URL, with one
 * secure context for all, and without an HTTP parser, names, rows or deadlines. Usage: node handshakes.js
 * LIST.csv LIMIT CACERT
 */
import { readFileSync } from 'node:fs';
import { connect, createSecureContext } from 'node:tls';
import { addressOf } from '../many-hosts.ts';

const [, , list = '', limit = '1', cacert = ''] = process.argv;
const urls = readFileSync(list, 'utf8').trimEnd().split('\n').slice(1);
const secureContext = createSecureContext({ ca: readFileSync(cacert) });
let next = 0;
let bytes = 0;

function fetchNext(): void {
  const url = urls[next++];
  if (url === undefined) return;
  const { hostname, port, pathname } = new URL(url);
  const host = addressOf(Number(/^h(\d+)\./.exec(hostname)?.[1]));
  const socket = connect({ host, port: Number(port), servername: hostname, secureContext });
  socket.on('secureConnect', () => {
    socket.write(`GET ${pathname} HTTP/1.1\r\nhost: ${hostname}\r\nconnection: close\r\n\r\n`);
  });
  socket.once('data', check);
  socket.on('data', (chunk) => {
    bytes += chunk.length;
  });
  socket.on('error', (error) => fail(error.message));
  socket.on('close', fetchNext);
}

function check(head: Buffer): void {
  if (!head.toString('latin1').startsWith('HTTP/1.1 200 ')) fail(head.toString('latin1', 0, 20));
}

function fail(reason: string): never {
  console.error(reason);
  process.exit(1);
}

for (let i = 0; i < Number(limit); i++) fetchNext();
process.once('exit', () => console.log(`${urls.length} URLs, ${bytes} bytes`));
