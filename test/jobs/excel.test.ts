import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import { Job } from './job.ts';

const shops = (url: string): string =>
  [
    'Nr;Geschäft;Webseite;Umsatz',
    `1;"Müller; Söhne";${url}/a;1.234,50`,
    `2;Ærø;${url}/b;12,00`,
    `3;=1+1;${url}/c;0`,
    '',
  ].join('\r\n');

test('a list from Excel goes to Excel, and comes back', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<title>${url === '/a' ? '=HYPERLINK("http://evil.example")' : `Über; uns ${url}`}</title>`);
  });
  // The formats "CSV (MS-DOS, Windows)" of a western Excel, and "CSV UTF-8".
  for (const [encoding, bytes] of [
    ['windows-1252', Buffer.from(shops(server.url), 'latin1')],
    ['utf-8', Buffer.from(`\ufeff${shops(server.url)}`)],
  ] as const) {
    const job = await Job.start(t, { 'shops.csv': bytes });
    await job.run('excel.sh', encoding);
    const first = await readFile(join(job.cwd, 'shops-checked.csv'), 'utf8');
    t.regex(first, /^\ufeffNr;Geschäft;Webseite;Umsatz;fetch_status;fetch_error;fetch_title\r\n/);
    t.true(first.endsWith('\r\n'));
    t.is(first.replaceAll('\r\n', '').includes('\n'), false);
    const [a, b, c] = csvObjects(first.slice(1), ';');
    t.like(a, { Geschäft: 'Müller; Söhne', Umsatz: '1.234,50', fetch_status: '200' });
    t.is(a?.['fetch_title'], `'=HYPERLINK("http://evil.example")`);
    t.like(b, { Geschäft: 'Ærø', fetch_title: 'Über; uns /b' });
    t.is(c?.['Geschäft'], '=1+1');

    // The output comes back with an additional column, and gets new results that replace the old ones.
    await rename(join(job.cwd, 'shops-checked.csv'), join(job.cwd, 'shops.csv'));
    const [head = '', ...lines] = first.trimEnd().split('\r\n');
    const noted = [`${head};Notiz`, ...lines.map((line) => `${line};gesehen`), ''].join('\r\n');
    await writeFile(join(job.cwd, 'shops.csv'), noted);
    await job.run('excel.sh');
    const again = await readFile(join(job.cwd, 'shops-checked.csv'), 'utf8');
    t.regex(again, /^\ufeffNr;Geschäft;Webseite;Umsatz;Notiz;fetch_status;fetch_error;fetch_title\r\n/);
    t.is(again.split('\r\n').length, 5);
  }
});
