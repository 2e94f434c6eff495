import test from 'ava';

import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import { Job } from './job.ts';

/** Company 1 has no orders, company 2 has three, company 3 five; a page has two. */
function ordersOf(id: number): { number: number; total: number }[] {
  return Array.from({ length: id === 1 ? 0 : id * 2 - 1 }, (_, i) => ({
    number: i + 1,
    total: id * 100 + i,
  }));
}

test('an API with a key, pages and a limit', async (t) => {
  let refused = 0;
  const server = await httpServer(t, ({ url, headers }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://api');
    const [, , text = '', what] = pathname.split('/');
    const id = Number(text);
    response.setHeader('content-type', 'application/json');
    if (headers.authorization !== 'Bearer secret') response.writeHead(401).end('{}');
    else if (server.requests.length % 5 === 3 && refused < 2) {
      refused++;
      response.writeHead(429, { 'retry-after': '1' }).end('{"message":"not so fast"}');
    } else if (what === 'orders') {
      const page = Number(searchParams.get('page') ?? 1);
      const orders = ordersOf(id);
      const pages = Math.ceil(orders.length / 2);
      if (page < pages) response.setHeader('link', `<?page=${page + 1}>; rel="next"`);
      response.end(JSON.stringify({ pages, orders: orders.slice(page * 2 - 2, page * 2) }));
    } else response.end(JSON.stringify({ city: `city ${id}`, employees: id * 10 }));
  });
  const ids = [1, 2, 3, 4];
  const job = await Job.start(
    t,
    {
      'companies.csv': `id,name\n${ids.map((id) => `${id},"Company, ${id}"\n`).join('')}`,
      'key.txt': 'Authorization: Bearer secret\n',
    },
    { API: server.url },
  );
  await job.run('api-enrichment.sh');
  t.deepEqual(
    csvObjects(await job.read('enriched.csv')).map(({ id, name, city, employees }) => [
      id,
      name,
      city,
      employees,
    ]),
    ids.map((id) => [`${id}`, `Company, ${id}`, `city ${id}`, `${id * 10}`]),
  );
  const orders = csvObjects(await job.read('orders.csv'));
  t.deepEqual(
    orders.map(({ id, number, total }) => `${id} ${number} ${total}`).toSorted(),
    ids.flatMap((id) => ordersOf(id).map(({ number, total }) => `${id} ${number} ${total}`)).toSorted(),
  );
  // Only pages that exist were requested.
  const further = server.requests.map(({ url }) => url).filter((url) => url.includes('page='));
  t.is(new Set(further).size, 1 + 2 + 3);
  t.is(refused, 2);
  t.false((await job.read('enriched.csv')).includes('secret'));
});
