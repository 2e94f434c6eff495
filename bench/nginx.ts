import { readFile, mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { setInterval } from 'node:timers/promises';
import type { Certificate } from './certificate.ts';
import { exitOf, startChild } from './children.ts';
import type { Counters } from './contest.ts';
import { fetchText } from './fetch-text.ts';
import { pinned } from './measure.ts';
import { cpuOfChildren } from './process-status.ts';

export interface Nginx {
  readonly origin: string;
  readonly port: number;
  /** Zero without a certificate. */
  readonly tlsPort: number;
  counters(): Promise<Required<Counters>>;
  stop(): Promise<void>;
}

export interface NginxOptions {
  /** Folder for the configuration, the log and the temporary files. */
  readonly dir: string;
  /** The `location` blocks. */
  readonly locations: string;
  /** Additional directives for the `http` block. */
  readonly http?: string;
  /** The cores the server may use. Default: all. */
  readonly cores?: string;
  /** Whether it listens on all addresses of this machine, instead of 127.0.0.1 only. */
  readonly everywhere?: boolean;
  /** If given, the same is also served over TLS, on `tlsPort`. */
  readonly certificate?: Certificate;
}

/** A kilobyte from the configuration: nginx opens no file, so this is the cheapest body it can serve. */
export const kilobyte = `location / { default_type text/plain; return 200 '${'x'.repeat(1024)}'; }`;

export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const dir = await mkdtemp(join(options.dir, 'nginx-'));
  const port = await freePort();
  const tlsPort = options.certificate === undefined ? 0 : await freePort();
  const log = join(dir, 'error.log');
  await writeFile(join(dir, 'nginx.conf'), configuration(dir, log, { port, tlsPort }, options));
  const command = ['nginx', '-p', dir, '-e', log, '-c', join(dir, 'nginx.conf')];
  const child = startChild(pinned(command, options.cores), { stdio: 'ignore' });
  const exited = exitOf(child);

  const origin = `http://127.0.0.1:${port}`;
  let asked = 0;
  const counters = async (): Promise<Required<Counters>> => {
    asked += 1;
    const own = asked;
    const answer = await fetchText(`${origin}/nginx_status`);
    const [, accepted, , requests] = /(\d+) (\d+) (\d+) *$/m.exec(answer) ?? [];
    return {
      connections: Number(accepted) - own,
      requests: Number(requests) - own,
      cpu: await cpuOfChildren(child.pid),
    };
  };

  const failed = exited.then(async () => {
    throw new Error(`nginx did not start: ${await readFile(log, 'utf8').catch(() => 'is it installed?')}`);
  });
  await Promise.race([untilAnswering(`${origin}/nginx_status`), failed]);
  // From here on, the contestants notice if the server ends; the promise must not reject unhandled.
  failed.catch(() => undefined);
  // The request that found it answering counts as the first.
  asked = 1;

  return {
    origin,
    port,
    tlsPort,
    counters,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

function configuration(
  dir: string,
  log: string,
  { port, tlsPort }: { port: number; tlsPort: number },
  options: NginxOptions,
): string {
  const { certificate } = options;
  const address = options.everywhere === true ? '0.0.0.0' : '127.0.0.1';
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
    listen ${address}:${port} backlog=4096;
    ${certificate ? `listen ${address}:${tlsPort} ssl backlog=4096;` : ''}
    ${certificate ? `ssl_certificate '${certificate.file}'; ssl_certificate_key '${certificate.key}';` : ''}
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
