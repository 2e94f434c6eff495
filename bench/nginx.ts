import { readFile, mkdtemp, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setInterval } from 'node:timers/promises';
import { exitOf, startChild } from './children.ts';
import { pinned } from './measure.ts';

/** What the server has counted since it started, without the questions of the benchmark itself. */
export interface Counters {
  readonly connections: number;
  readonly requests: number;
}

export interface Nginx {
  readonly origin: string;
  counters(): Promise<Counters>;
  stop(): Promise<void>;
}

export interface NginxOptions {
  /** Where the configuration, the log and the temporary files go. */
  readonly dir: string;
  /** The `location` blocks. */
  readonly locations: string;
  /** Directives of the `http` block besides the common ones. */
  readonly http?: string;
  /** The cores the server may use. Default: all. */
  readonly cores?: string;
}

/** One static kilobyte out of the configuration: no file is opened, the cheapest body nginx can serve. */
export const kilobyte = `location / { default_type text/plain; return 200 '${'x'.repeat(1024)}'; }`;

export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const dir = await mkdtemp(join(options.dir, 'nginx-'));
  const port = await freePort();
  const log = join(dir, 'error.log');
  await writeFile(join(dir, 'nginx.conf'), configuration(dir, log, port, options));
  const command = ['nginx', '-p', dir, '-e', log, '-c', join(dir, 'nginx.conf')];
  const child = startChild(pinned(command, options.cores), { stdio: 'ignore' });
  const exited = exitOf(child);

  const origin = `http://127.0.0.1:${port}`;
  let asked = 0;
  const counters = async (): Promise<Counters> => {
    asked += 1;
    const own = asked;
    const answer = await fetchText(`${origin}/nginx_status`);
    const [, accepted, , requests] = /(\d+) (\d+) (\d+) *$/m.exec(answer) ?? [];
    return { connections: Number(accepted) - own, requests: Number(requests) - own };
  };

  const failed = exited.then(async () => {
    throw new Error(`nginx did not start: ${await readFile(log, 'utf8').catch(() => 'is it installed?')}`);
  });
  await Promise.race([untilAnswering(`${origin}/nginx_status`), failed]);
  // From here on an end of the server is found by the contestants; the promise must not reject unheard.
  failed.catch(() => undefined);
  // The question that found it answering is the first one.
  asked = 1;

  return {
    origin,
    counters,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

function configuration(dir: string, log: string, port: number, options: NginxOptions): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
daemon off;
pid '${dir}/nginx.pid';
error_log '${log}';
worker_processes 1;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 8192; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 10000000;
  keepalive_timeout 60s;
${temporary.map((name) => `  ${name}_temp_path '${dir}/${name}';`).join('\n')}
  ${options.http ?? ''}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location = /nginx_status { stub_status; }
    ${options.locations}
  }
}
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/** On a connection of its own, so that every question counts as one request and one connection. */
async function fetchText(url: string): Promise<string> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent: false }, resolve).once('error', reject);
  });
  return text(response);
}

async function untilAnswering(url: string): Promise<void> {
  let tries = 0;
  for await (const _ of setInterval(20)) {
    try {
      await fetchText(url);
      return;
    } catch (error) {
      tries += 1;
      if (tries === 250) throw error;
    }
  }
}
