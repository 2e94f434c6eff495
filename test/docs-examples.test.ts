import { execFile } from 'node:child_process';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';

import test from 'ava';

import { startSite } from '../demo/site.ts';
import { urlmill } from './helpers/cli.ts';
import { csvObjects } from './helpers/csv.ts';
import { pageIn } from './helpers/pages.ts';
import { httpServer } from './helpers/server.ts';
import { shell } from './helpers/shell.ts';
import { temporaryFolder } from './helpers/temporary-folder.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A page's code blocks in one language. */
async function examples(page: string, language: string): Promise<string[]> {
  const text = await readFile(join(root, page), 'utf8');
  return [...text.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, code = '']) => code);
}

test('the three-URL example of the README has at most ten lines and does what it says', async (t) => {
  const [example = ''] = await examples('README.md', 'js');
  t.true(example.trim().split('\n').length <= 10);
  const site = await startSite();
  t.teardown(site.close);
  // Replace the example's host names by the local site's address.
  const here = example.replaceAll(/http:\/\/(?:site|api)\.example/g, `http://127.0.0.1:${site.port}`);
  const folder = await temporaryFolder(t, { 'example.mjs': here, 'node_modules/.keep': '' });
  await symlink(root, join(folder, 'node_modules', 'urlmill'));
  const { stdout } = await promisify(execFile)(process.execPath, ['example.mjs'], { cwd: folder });
  t.deepEqual(
    stdout.trim().split('\n').toSorted(),
    [
      `200 http://127.0.0.1:${site.port}/ 212`,
      `200 http://127.0.0.1:${site.port}/data.json 38`,
      `200 http://127.0.0.1:${site.port}/gzip 234`,
    ].toSorted(),
  );
});

test('the example of objects in the README gives them back', async (t) => {
  const [, example = ''] = await examples('README.md', 'js');
  const site = await startSite();
  t.teardown(site.close);
  const here = example.replace('http://api.example', `http://127.0.0.1:${site.port}`);
  const folder = await temporaryFolder(t, { 'example.mjs': here, 'node_modules/.keep': '' });
  await symlink(root, join(folder, 'node_modules', 'urlmill'));
  const { stdout } = await promisify(execFile)(process.execPath, ['example.mjs'], { cwd: folder });
  t.is(stdout, '17 200 2\n');
});

test('the pipeline example of the README turns a compressed CSV into JSON Lines', async (t) => {
  const [, , example = ''] = await examples('README.md', 'js');
  const site = await startSite();
  t.teardown(site.close);
  const folder = await temporaryFolder(t, {
    'example.mjs': example,
    'urls.csv.gz': `id,homepage\n7,http://127.0.0.1:${site.port}/gzip\n`,
    'node_modules/.keep': '',
  });
  await symlink(root, join(folder, 'node_modules', 'urlmill'));
  await promisify(execFile)(process.execPath, ['example.mjs'], { cwd: folder });
  const [line = '', ...rest] = (await readFile(join(folder, 'results.jsonl'), 'utf8')).split('\n');
  t.deepEqual(rest, ['']);
  t.like(JSON.parse(line), { id: '7', fetch_status: 200, fetch_type: 'text/html' });
});

test('the example processor gives the columns that it promises', async (t) => {
  const example = (await examples('docs/writing-a-processor.md', 'js'))[1] ?? '';
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/items/2') response.writeHead(404);
    response.end(JSON.stringify({ price: 12.5, stock: 3 }));
  });
  const folder = await temporaryFolder(t, { 'prices.mjs': example, 'items.csv': 'id\n1\n2\n' });
  const template = `${server.url}/items/{id}`;
  const args = ['--module', 'prices.mjs', '--url-template', template, '--ordered', 'items.csv'];
  const { stdout, code } = await urlmill(args, { cwd: folder });
  t.is(code, 0);
  const [first, second] = csvObjects(stdout);
  t.like(first, { id: '1', fetch_status: '200', price: '12.5', in_stock: 'true' });
  t.like(second, { id: '2', fetch_status: '404', price: '', in_stock: '' });
});

test('the example of several rows makes one of each variant', async (t) => {
  const example = (await examples('docs/writing-a-processor.md', 'js'))[2] ?? '';
  const server = await httpServer(t, ({ url }, response) => {
    const variants = [
      { name: 'S', price: 1 },
      { name: 'M', price: 2 },
    ];
    response.writeHead(url === '/gone' ? 404 : 200).end(JSON.stringify({ variants }));
  });
  const cwd = await temporaryFolder(t, {
    'variants.mjs': example,
    'in.csv': `url\n${server.url}\n${server.url}/gone\n`,
  });
  const args = ['--module', 'variants.mjs', '--columns', 'status', 'in.csv'];
  const rows = csvObjects((await urlmill(args, { cwd })).stdout);
  t.deepEqual(
    rows.map(({ variant, price }) => [variant, price]),
    [
      ['S', '1'],
      ['M', '2'],
    ],
  );
});

test('the recipes take values out of pages', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/slug') response.end('a-cup-17');
    else if (url === '/api')
      response.setHeader('content-type', 'application/json').end('{"id":7,"offers":[{"price":2}]}');
    else {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'x-cache': 'HIT' });
      response.end('<h1>Cup</h1><b class=price>2 €</b><img class=main src=/c.png><i class=tag>a</i>UA-12-3');
    }
  });
  const lines = (await examples('docs/recipes.md', 'sh')).filter((code) =>
    /--(?:select|json|regex)/.test(code),
  );
  t.is(lines.length, 4);
  const cwd = await temporaryFolder(t, {
    'shop.csv': `url\n${server.url}\n`,
    'api.csv': `url\n${server.url}/api\n`,
    'pages.csv': `url\n${server.url}\n`,
    'urls.csv': `url\n${server.url}/slug\n`,
  });
  const [select, json, regex] = await Promise.all(
    lines.map(async (line) => (await shell(line.replace('urlmill', '"$@"'), [], { cwd })).stdout),
  );
  t.like(csvObjects(select ?? '')[0], { product: 'Cup', price: '2 €', image: '/c.png', tags: '["a"]' });
  t.like(JSON.parse(json ?? ''), { item: 7, price: 2, n: 1 });
  t.like(csvObjects(regex ?? '')[0], { tracking: '12-3', cache: 'HIT' });
  t.like(csvObjects(await readFile(join(cwd, 'numbers.csv'), 'utf8'))[0], { fetch_error: '', number: '17' });
});

test('the recipe goes from sitemaps to the titles of their pages', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/sitemap.xml')
      response.end('<urlset><url><loc>/a</loc></url><url><loc>/b</loc></url></urlset>');
    else {
      response.setHeader('content-type', 'text/html');
      response.end(`<title>${url}</title><meta name=robots content=noindex>`);
    }
  });
  const recipe = (await examples('docs/recipes.md', 'sh')).find((code) => code.includes('--explode')) ?? '';
  const cwd = await temporaryFolder(t, { 'sitemaps.csv': `url\n${server.url}/sitemap.xml\n` });
  const { stdout, code } = await shell(recipe.replaceAll(/^urlmill/gm, '"$@" -q --ordered'), [], { cwd });
  t.is(code, 0);
  t.deepEqual(
    csvObjects(stdout).map((row) => [row['fetch_sitemap_urls'], row['fetch_title'], row['fetch_robots']]),
    ['/a', '/b'].map((path) => [server.url + path, path, 'noindex']),
  );
});

test('the job with an API in pages writes all orders, and 429 only makes it wait', async (t) => {
  let refused = 0;
  const server = await httpServer(t, ({ url, headers }, response) => {
    const page = pageIn({ url });
    const [, id = ''] = /^\/customers\/(\d+)\/orders/.exec(url) ?? [];
    const isRefused = page === 2 && refused++ % 2 === 0;
    response.writeHead(isRefused ? 429 : headers['x-key'] === 'k' ? 200 : 403, {
      'content-type': 'application/json',
      'retry-after': '1',
    });
    const next = page < 3 ? `?page=${page + 1}` : null;
    response.end(JSON.stringify({ orders: [`${id}-${page}a`, `${id}-${page}b`], next }));
  });
  const job = (await examples('docs/pages.md', 'sh')).find((code) => code.includes('customers/{id}')) ?? '';
  const cwd = await temporaryFolder(t, { 'customers.csv': 'id\n1\n2\n', 'key.txt': 'X-Key: k\n' });
  const here = job.replace('https://api.example.org', server.url).replace('urlmill', '"$@" -q');
  const { code, stderr } = await shell(here, [], { cwd });
  t.deepEqual([code, stderr], [0, '']);
  t.deepEqual(
    csvObjects(await readFile(join(cwd, 'orders.csv'), 'utf8')).map(({ order }) => order),
    [1, 2].flatMap((id) => [1, 2, 3].flatMap((page) => [`${id}-${page}a`, `${id}-${page}b`])),
  );
});

test('the module that asks for the stock of an item gets it', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    response.end(url === '/stock/a%2Fb' ? '{"count":3}' : '{"sku":"a/b","price":2}');
  });
  const module =
    (await examples('docs/writing-a-processor.md', 'js')).find((code) => code.includes('page.fetch(')) ?? '';
  const cwd = await temporaryFolder(t, { 'in.csv': `url\n${server.url}/item\n`, 'm.mjs': module });
  const { stdout } = await urlmill(['-q', '--module', 'm.mjs', '--per-host', '1', 'in.csv'], { cwd });
  t.like(csvObjects(stdout)[0], { price: '2', stock: '3' });
});
