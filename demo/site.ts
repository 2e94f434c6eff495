import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

/**
 * A small local web: good pages, and failures like those of the real one. On its second night some pages
 * differ.
 */
export async function startSite(): Promise<{ port: number; nextNight: () => void; close: () => void }> {
  const server = http.createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    nextNight: () => {
      isFirstNight = false;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Answers a request, whatever its host name. */
export function answer(request: IncomingMessage, response: ServerResponse): void {
  const answerOfPath = answers[new URL(request.url ?? '/', 'http://site.example').pathname] ?? missing;
  void answerOfPath(response, request);
}

type Answer = (response: ServerResponse, request: IncomingMessage) => void | Promise<void>;

const html = { 'content-type': 'text/html; charset=utf-8' };

function page(name: string): Buffer {
  return readFileSync(new URL(`../../fixtures/pages/${name}`, import.meta.url));
}

const missing: Answer = (response) => {
  response.writeHead(404, html).end('<!doctype html><title>Not found</title>');
};

let isFirstNight = true;
let isBusy = true;

const answers: Readonly<Record<string, Answer>> = {
  '/': (response) => {
    const home = page('home.html').toString();
    const news = home.replace(/<title>[^<]*/, '$& (with news)');
    response.writeHead(200, html).end(isFirstNight ? home : news);
  },
  '/gzip': (response, { headers }) => {
    // It has not changed.
    if (headers['if-none-match'] === '"1"') response.writeHead(304, { etag: '"1"' }).end();
    else {
      const fields = { ...html, etag: '"1"', 'content-encoding': 'gzip' };
      response.writeHead(200, fields).end(gzipSync(page('article.html')));
    }
  },
  '/old': (response) => void response.writeHead(301, { location: '/moved' }).end(),
  '/moved': (response) => void response.writeHead(302, { location: '/' }).end(),
  '/loop': (response) => void response.writeHead(302, { location: '/loop' }).end(),
  '/data.json': (response, request) => {
    if (!isFirstNight) return missing(response, request);
    return void response.writeHead(200, { 'content-type': 'application/json' }).end(page('data.json'));
  },
  '/slow': async (response) => {
    await sleep(400);
    response.writeHead(200, html).end(page('article.html'));
  },
  '/drip': async (response) => {
    response.writeHead(200, html);
    while (!response.destroyed) {
      response.write('.');
      await sleep(100);
    }
  },
  '/cut': (response) => {
    response.writeHead(200, { ...html, 'content-length': 5000 });
    response.write('<title>Half a page', () => response.destroy());
  },
  '/damaged': (response) => {
    const packed = isFirstNight ? 'this is not gzip' : gzipSync('<title>Mended</title>');
    response.writeHead(200, { ...html, 'content-encoding': 'gzip' }).end(packed);
  },
  '/huge': (response) => void response.writeHead(200, html).end(Buffer.alloc(300_000, 'x')),
  '/busy': (response) => {
    // The first time only, it asks to be left alone for a second.
    const said = isBusy ? { 'retry-after': '1' } : {};
    response.writeHead(isBusy ? 503 : 200, { ...html, ...said }).end('<title>At your service</title>');
    isBusy = false;
  },
};
