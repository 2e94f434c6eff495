import test from 'ava';

import { certificates } from '../helpers/certificates.ts';
import { closedPort, httpServer, httpsServer } from '../helpers/server.ts';
import type { Answer } from '../helpers/server.ts';
import { Job } from './job.ts';

const answer: Answer = ({ url, method }, response) => {
  const moves: Record<string, [number, string]> = {
    '/old': [301, '/new'],
    '/older': [308, '/old'],
    '/today': [302, '/new'],
    '/lost': [301, '/nowhere'],
  };
  const [status, location] = moves[url] ?? [/\/(?:nowhere|gone)$/.test(url) ? 404 : 200, ''];
  // A server that does not support HEAD for this page.
  if (url === '/no-head' && method === 'HEAD') response.writeHead(405).end();
  else response.writeHead(status, location === '' ? {} : { location }).end();
};

test('a link report: broken ones, moved ones, certificates', async (t) => {
  const { good, wrongHost, ca } = await certificates();
  const site = await httpServer(t, answer);
  const secure = await httpsServer(t, good, answer);
  const strange = await httpsServer(t, wrongHost, answer);
  const nobody = `http://127.0.0.1:${await closedPort()}/`;
  const links = [
    ...['/', '/no-head', '/gone', '/old', '/older', '/today', '/lost'].map((path) => site.url + path),
    `https://localhost:${secure.port}/`,
    `https://localhost:${strange.port}/`,
    nobody,
    'not a link',
  ];
  const rows = links.flatMap((link) => [`home,${link}`, `"about, us",${link}`]);
  const job = await Job.start(
    t,
    { 'links.csv': `page,link\n${rows.join('\n')}\n`, 'ca.pem': ca },
    { URLMILL_RETRIES: '0', SSL_CERT_FILE: 'ca.pem' },
  );
  await job.run('link-report.sh');
  t.deepEqual(
    await job.lines('broken.csv'),
    both(
      [`${site.url}/gone`, '404'],
      [`${site.url}/lost`, '404'],
      [`https://localhost:${strange.port}/`, '"tls-wrong-host"'],
      [nobody, '"connect-refused"'],
      ['not a link', '"invalid-url"'],
    ),
  );
  t.deepEqual(
    await job.lines('moved.csv'),
    both([`${site.url}/old`, `"${site.url}/new"`], [`${site.url}/older`, `"${site.url}/old"`]),
  );
  // Both certificates expire in a few days; one is for another host.
  t.deepEqual(
    (await job.lines('certificates.csv')).map((line) => line.replace(/,\d+,/, ',N,')),
    ['"localhost",N,', '"localhost",N,"tls-wrong-host"'],
  );
  // Each link is requested once although it is on two pages: by HEAD, and by GET where HEAD is not supported.
  t.is(site.requests.filter(({ url }) => url === '/gone').length, 2);
});

/** The expected lines of links that are on two pages: page, link, finding. */
function both(...told: readonly (readonly [link: string, what: string])[]): string[] {
  return ['about, us', 'home'].flatMap((page) =>
    told.map(([link, what]) => `"${page}","${link}",${what}`).toSorted(),
  );
}
