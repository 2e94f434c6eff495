import test from 'ava';

import { certificates } from '../helpers/certificates.ts';
import { closedPort, httpServer, httpsServer } from '../helpers/server.ts';
import { Job } from './job.ts';

test('hosts become lines of JSON', async (t) => {
  const { good, ca } = await certificates();
  const secure = await httpsServer(t, good, (_, response) => {
    response.writeHead(200, {
      'content-type': 'text/html',
      server: 'one',
      'strict-transport-security': 'max-age=1',
    });
    response.end('<title>Secure</title>');
  });
  const plain = await httpServer(t, (_, response) => {
    response.writeHead(503, { 'content-type': 'text/html' }).end('<title>Plain</title>');
  });
  const moved = await httpServer(t, (_, response) => {
    response.writeHead(301, { location: `https://localhost:${secure.port}/` }).end();
  });
  const hosts = [secure, plain, moved].map(({ port }) => `localhost:${port}`);
  const nobody = `localhost:${await closedPort()}`;
  const job = await Job.start(
    t,
    { 'hosts.txt': [...hosts, nobody].map((host) => `${host}\n`).join(''), 'ca.pem': ca },
    { SSL_CERT_FILE: 'ca.pem', URLMILL_RETRIES: '0' },
  );
  t.deepEqual(JSON.parse(await job.run('hosts.sh')), { hosts: 4, up: 3, https: 2 });
  const rows = new Map((await job.objects('hosts.jsonl')).map((row) => [row['host'], row]));
  const { days, ...first } = rows.get(hosts[0]) ?? {};
  t.true(Number(days) >= 0);
  t.deepEqual(first, {
    host: hosts[0],
    up: true,
    status: 200,
    why: null,
    https: true,
    redirects: 0,
    hsts: true,
    server: 'one',
    title: 'Secure',
  });
  t.like(rows.get(hosts[1]), {
    up: true,
    status: 503,
    https: false,
    hsts: false,
    days: null,
    title: 'Plain',
  });
  t.like(rows.get(hosts[2]), { up: true, status: 200, https: true, redirects: 1, title: 'Secure' });
  t.like(rows.get(nobody), { up: false, status: null, why: 'connect-refused', https: false, title: null });
});
