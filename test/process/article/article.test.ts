import test from 'ava';

import { chosenExtractors } from '../../../src/process/extractors.ts';
import { pageOf } from '../pages.ts';

async function articleOf(html: string, contentType?: string): Promise<Record<string, string>> {
  const [processor] = await chosenExtractors('article,article_title,byline', '');
  return (await processor?.process(pageOf(html, contentType))) as Record<string, string>;
}

const sentence =
  'The mill stands at the river, where it has ground corn, wheat and rye for four hundred years. ';
const paragraph = (start: string): string => `<p>${start} ${sentence.repeat(4).trim()}</p>`;
const around = {
  menu: `<ul class="menu">${'<li><a href="/">A link of the menu</a></li>'.repeat(20)}</ul>`,
  footer:
    '<div class="footer"><p>All rights reserved, imprint, contact and a long text of the law, as ever.</p></div>',
};
const none = { article: '', article_title: '', byline: '' };

test('the text without what surrounds it, in paragraphs', async (t) => {
  const values = await articleOf(
    `<title>The old mill at the river | The Paper</title><meta name="author" content="A. Miller"><body>${around.menu}` +
      `<div class="content"><h1>The old mill at the river</h1>${paragraph('One.')}${paragraph('Two.')}</div>${around.footer}`,
  );
  t.deepEqual(values, {
    article: `One. ${sentence.repeat(4).trim()}\n\nTwo. ${sentence.repeat(4).trim()}`,
    article_title: 'The old mill at the river',
    byline: 'A. Miller',
  });
});

test('title and author by JSON-LD', async (t) => {
  const json = {
    '@context': 'https://schema.org',
    '@type': 'NewsArticle',
    headline: 'A mill',
    author: [{ name: 'A' }, { name: 'B' }],
  };
  const values = await articleOf(
    `<script type="application/ld+json">${JSON.stringify(json)}</script>${paragraph('')}${paragraph('')}`,
  );
  t.like(values, { article_title: 'A mill', byline: 'A, B' });
});

test('an author in the text', async (t) => {
  const values = await articleOf(
    `<div><p class="byline">By C. Baker</p>${paragraph('')}${paragraph('')}</div>`,
  );
  t.is(values['byline'], 'By C. Baker');
  t.notRegex(values['article'] ?? '', /Baker/);
});

test('hidden parts are left out', async (t) => {
  const hidden = ['style="display: none"', 'style="visibility:hidden"', 'hidden', 'aria-hidden="true"'];
  const values = await articleOf(
    `<div>${paragraph('One.')}${hidden.map((how) => `<div ${how}>${paragraph('Hidden.')}</div>`).join('')}</div>`,
  );
  t.regex(values['article'] ?? '', /^One\./);
  t.notRegex(values['article'] ?? '', /Hidden/);
});

test('lines that end with br are paragraphs', async (t) => {
  const values = await articleOf(`<div>${sentence.repeat(3)}<br><br>${sentence.repeat(3)}</div>`);
  t.is(values['article'], `${sentence.repeat(3).trim()}\n\n${sentence.repeat(3).trim()}`);
});

test('a short text is one when the page has an article element', async (t) => {
  t.like(await articleOf('<article><p>A short text, but an article.</p></article>'), {
    article: 'A short text, but an article.',
  });
});

const isNone = test.macro({
  exec: async (t, html: string, contentType?: string) => {
    t.deepEqual(await articleOf(html, contentType), none);
  },
  title: (what) => `no article: ${what}`,
});

test('an empty page', isNone, '');
test('a short text', isNone, '<title>T</title><p>Not found</p>');
test(
  'a list of links',
  isNone,
  `<title>T</title>${'<p><a href="/">A link, and nothing else than a link, on this page</a></p>'.repeat(50)}`,
);
test(
  'a form',
  isNone,
  '<title>Log in</title><form><label>Name <input></label><button>Log in</button></form>',
);
test('a frameset', isNone, '<title>T</title><frameset><frame src="a"></frameset>');
test('other XML', isNone, `<a>${paragraph('')}</a>`, 'application/xml');
test('what is not HTML', isNone, paragraph(''), 'text/plain');
test('XHTML without a body', isNone, '<html xmlns="http://www.w3.org/1999/xhtml"/>', 'application/xhtml+xml');
test('XHTML without an element', isNone, 'text', 'application/xhtml+xml');
test('a page that is too deep for a tree', isNone, `${'<div>'.repeat(100_000)}${paragraph('')}`);

test('a page that would take too long', isNone, `<article>${'<ul><li>x'.repeat(2000)}${paragraph('')}`);

test('in XHTML', async (t) => {
  const values = await articleOf(
    `<html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script/></head><body>${paragraph('One.')}${paragraph('Two.')}</body></html>`,
    'application/xhtml+xml',
  );
  t.is(values['article'], `One. ${sentence.repeat(4).trim()}\n\nTwo. ${sentence.repeat(4).trim()}`);
});

for (const name of ['div', 'ins', 'span']) {
  test(`elements deeper than Chromium nests them: ${name}`, async (t) => {
    const deep = `<div>${`<${name}>`.repeat(4900)}${sentence.repeat(4)}${`</${name}>`.repeat(4900)}</div>`;
    const { article } = await articleOf(`${paragraph('One.')}${deep}${paragraph('Two.')}`);
    t.regex(article ?? '', /^One\. [^]*\n\nThe mill[^]*\n\nTwo\. /);
  });
}

test('code in its frames is kept', async (t) => {
  const code = '<div class="frame"><pre>if (mill) turn();</pre></div>';
  const { article } = await articleOf(`<div>${paragraph('One.')}${code}${paragraph('Two.')}</div>`);
  t.regex(article ?? '', /^One\. [^]*\nif \(mill\) turn\(\);\n+Two\. /);
});

test('the tree stays as it was for others', async (t) => {
  const { treeOfPage } = await import('../../../src/process/tree/page-tree.ts');
  const page = pageOf(`<div class="menu">x</div>${paragraph('')}`);
  const [processor] = await chosenExtractors('article', '');
  const before = treeOfPage(page);
  const count = before?.elements.length;
  await processor?.process(page);
  t.is(treeOfPage(page), before);
  t.is(before?.elements.length, count);
  t.is(before?.elements.find(({ localName }) => localName === 'div')?.attribute('class'), 'menu');
});
