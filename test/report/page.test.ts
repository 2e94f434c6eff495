import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';

import test from 'ava';
import type { Page } from 'playwright-core';

import { browserForTests } from '../helpers/browser.ts';
import { line, reportOf, result } from './results.ts';

const open = browserForTests();
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** A result with rows of every kind that the page shows. */
function everyKind(): string {
  const lines = Array.from({ length: 300 }, (_, index) => {
    const id = index + 1;
    const at = new Date(Date.UTC(2026, 2, 1, 10, 0, id)).toISOString();
    const site = `http://host${id % 7}.example/${id}`;
    if (id % 10 === 0) return line(id, { status: 404, at, ms: 3 * id, change: 'failed' });
    if (id % 11 === 0) return line(id, { error: 'tls-expired', at, detail: 'the certificate has expired' });
    if (id % 13 === 0) return line(id, { error: 'dns-not-found', site: `http://no${id}.example/`, at });
    if (id % 17 === 0) {
      const url = `https://other.example/${id}`;
      return line(id, { status: 200, site, chain: site, url, at, firstStatus: 301, change: 'changed' });
    }
    return line(id, { status: 200, at, ms: id });
  });
  return result(...lines);
}

/** A column of the visible rows, from top to bottom. */
function column(page: Page, number: number): Promise<string[]> {
  return page
    .locator(
      `#failed-rows tbody tr:visible td:nth-child(${number}) > :first-child, #failed-rows tbody tr:visible td:nth-child(${number}):not(:has(*))`,
    )
    .allTextContents();
}

function overflow(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
}

test('a report draws its charts, says nothing on the console and asks for nothing', async (t) => {
  const { page, troubles, requests } = await open(t, await reportOf(t, everyKind()));
  t.is(await page.locator('figure svg[role=img]').count(), 3);
  t.true((await page.locator('figure svg rect').count()) > 10);
  t.is(await page.locator('figure details[open]').count(), 0);
  t.deepEqual(troubles, []);
  t.deepEqual(requests, []);
});

test('without scripts the page has all figures as tables, and no field that does nothing', async (t) => {
  const file = await reportOf(t, everyKind());
  const { page } = await open(t, file, { javaScriptEnabled: false });
  t.is(await page.locator('figure details[open] table').count(), 3);
  t.is(await page.locator('form.filter:visible').count(), 0);
  t.is(await page.locator('#failed-rows tbody tr:visible').count(), 74);
});

test('the failed rows are filtered by code and by text', async (t) => {
  const { page } = await open(t, await reportOf(t, everyKind()));
  const shown = page.locator('#failed-rows tbody tr:visible');
  const count = page.locator('#filter-count');
  t.is(await count.textContent(), '74 rows');
  await page.getByLabel('Code').selectOption('404');
  t.deepEqual(new Set(await column(page, 2)), new Set(['404']));
  t.is(await count.textContent(), '30 of 74 rows');
  await page.getByLabel('Text').fill('HOST3');
  t.true((await column(page, 3)).every((url) => url.includes('host3')));
  t.is(await count.textContent(), `${await shown.count()} of 74 rows`);
  await page.getByLabel('Text').fill('nothing has this');
  t.is(await shown.count(), 0);
  t.is(await count.textContent(), '0 of 74 rows');
});

test('the failed rows are sorted by the mouse and by keys', async (t) => {
  const { page } = await open(t, await reportOf(t, everyKind()));
  const rows = (await column(page, 1)).map(Number);
  const header = (name: string) => page.locator('#failed-rows th', { hasText: name });
  await header('Row').getByRole('button').click();
  t.is(await header('Row').getAttribute('aria-sort'), 'ascending');
  await header('Row').getByRole('button').click();
  t.is(await header('Row').getAttribute('aria-sort'), 'descending');
  t.deepEqual((await column(page, 1)).map(Number), rows.toReversed());
  await header('Code').getByRole('button').focus();
  await page.keyboard.press('Enter');
  t.is(await header('Code').getAttribute('aria-sort'), 'ascending');
  t.is(await header('Row').getAttribute('aria-sort'), null);
  const codes = await column(page, 2);
  t.deepEqual([codes[0], codes[30], codes.at(-1)], ['404', 'dns-not-found', 'tls-expired']);
});

test('at 400 px nothing is wider than the window', async (t) => {
  const long = 'a-name-of-a-host-that-goes-on-and-on.'.repeat(5);
  const lines = Array.from({ length: 20 }, (_, id) =>
    line(id, {
      site: `http://${long}example/${'path'.repeat(60)}`,
      status: id % 2 === 0 ? 500 : 200,
      detail: 'x'.repeat(300),
    }),
  );
  const { page } = await open(t, await reportOf(t, result(...lines)), {
    viewport: { width: 400, height: 800 },
  });
  t.is(await overflow(page), 0);
  // Wide tables could also overflow within the page and be cut off.
  const tables = await page.locator('.scroll:visible').all();
  for (const table of tables) {
    t.true(
      await table.evaluate((element) => element.scrollWidth <= element.clientWidth + 1),
      await table.innerHTML(),
    );
  }
});

test('in the dark the page is dark', async (t) => {
  const file = await reportOf(t, everyKind());
  const { page } = await open(t, file, { colorScheme: 'dark' });
  t.is(await page.evaluate('getComputedStyle(document.body).backgroundColor'), 'rgb(20, 24, 28)');
  t.is(
    await page.evaluate("getComputedStyle(document.querySelector('figure svg text')).fill"),
    'rgb(228, 232, 236)',
  );
});

test('on paper there are charts, the first 100 rows that the filter leaves, and no fields', async (t) => {
  const lines = Array.from({ length: 300 }, (_, id) => line(id + 1, { status: id % 2 === 0 ? 500 : 404 }));
  const { page } = await open(t, await reportOf(t, result(...lines)), { colorScheme: 'dark' });
  await page.getByLabel('Code').selectOption('404');
  await page.emulateMedia({ media: 'print' });
  t.is(await page.locator('#failed-rows tbody tr:visible').count(), 100);
  t.is(await page.locator('form.filter:visible').count(), 0);
  t.true(await page.locator('figure svg').first().isVisible());
  t.is(await page.evaluate('getComputedStyle(document.body).backgroundColor'), 'rgb(255, 255, 255)');
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing serious in the ${colorScheme} page`, async (t) => {
    const { page } = await open(t, await reportOf(t, everyKind()), { colorScheme, bypassCSP: true });
    await page.addScriptTag({ path: axe });
    // Open the tables below the charts, so that they are checked too.
    await page
      .locator('summary')
      .evaluateAll((all) => all.forEach((one) => (one as unknown as { click: () => void }).click()));
    const { violations, passes } = await page.evaluate<{
      violations: { id: string; impact: string; nodes: { html: string }[] }[];
      passes: unknown[];
    }>('axe.run()');
    t.true(passes.length > 20);
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    t.deepEqual(
      serious.map(({ id, nodes }) => [id, nodes[0]?.html]),
      [],
    );
  });
}

const hostile = {
  markup: '<img src=x onerror="document.title=1"><script>document.title=2</script>',
  ends: '</script></style></td></table><h1>mine</h1><!--',
  quotes: `" onmouseover="document.title=3" x='`,
  link: 'javascript:document.title=4',
  data: 'data:text/html,<script>document.title=5</script>',
  turned: 'https://good.example/\u202egpj.exe\u2066',
  controls: 'https://good.example/\u0007\u001b[31m',
  secret: 'https://user:pa55word@good.example/a',
};

/** A URL with credentials, as it is in a list but in no message or code. */
const bare = 'user:pa55word@good.example/a';

test('hostile cells stay text, wherever they stand', async (t) => {
  const cells = Object.values(hostile);
  const huge = `https://good.example/${'<b>'.repeat(350_000)}`;
  const lines = [...cells, huge].flatMap((cell, id) => [
    line(id * 3, {
      site: cell,
      url: cell,
      error: cell.slice(0, 50),
      detail: cell,
      chain: `${cell} ${cell}`,
      firstStatus: 301,
      change: cell,
      at: cell,
    }),
    line(id * 3 + 1, { site: cell, url: '', error: 'invalid-url', detail: cell }),
    line(id * 3 + 2, { site: cell, url: `http://${cell}`, status: 200, ms: 9999, chain: cell }),
  ]);
  const listed = line(1000, { site: bare, url: '', error: 'invalid-url' });
  const file = await reportOf(t, result(...lines, listed));
  const { page, troubles, requests } = await open(t, file);
  t.is(await page.title(), 'result.csv: fetch report');
  t.deepEqual(troubles, []);
  t.deepEqual(requests, []);
  t.is(await page.locator('img, iframe, script[src], b, h1:has-text("mine")').count(), 0);
  t.is(await page.locator('script').count(), 1);
  const links = await page
    .locator('section a')
    .evaluateAll((all) => all.map((one) => (one as unknown as { href: string }).href));
  t.true(links.length > 0);
  t.deepEqual(
    links.filter((href) => !/^https?:\/\/[\w.]+\//.test(href)),
    [],
  );
  const handlers = await page.evaluate(
    "[...document.querySelectorAll('*')].flatMap((one) => one.getAttributeNames()).filter((name) => /^on|^style$/.test(name) ).length",
  );
  t.is(handlers, await page.locator('figure [style]').count());
  const text = await page.locator('main').innerText();
  t.true(text.includes(hostile.link));
  t.true(text.includes('\\u202egpj.exe\\u2066'));
  const source = await readFile(file, 'utf8');
  // Not with notRegex, which would print the whole page.
  for (const char of ['\u202e', '\u2066', '\u0007', '\u001b']) t.false(source.includes(char));
  t.is(/.{0,60}pa55word/.exec(source)?.[0], undefined);
  t.true(source.length < 600_000);
});

/** The page's content security policy must be there and work. */
test('a script that gets into the page all the same is not run', async (t) => {
  const { page } = await open(t, await reportOf(t, everyKind()));
  const wrong = '<img src=x onerror="document.title=1"><style>main{display:none}</style>';
  await page.evaluate(`new Promise((done) => {
    document.body.insertAdjacentHTML('beforeend', '${wrong}');
    // Called after the handler of the element itself would be.
    document.querySelector('img').addEventListener('error', () => done());
  })`);
  t.is(await page.title(), 'result.csv: fetch report');
  t.true(await page.locator('main').isVisible());
});
