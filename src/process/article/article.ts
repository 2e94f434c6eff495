import { ownText } from '../../shared/own-text.ts';
import type { Page } from '../../shared/records.ts';
import { collapsed } from '../html/characters.ts';
import { text } from '../html/text.ts';
import { treePass } from '../html/tree-pass.ts';
import { Steps } from '../tree/limits.ts';
import { Fragment } from '../tree/nodes.ts';
import type { Document } from '../tree/nodes.ts';
import { ofTree } from '../tree/page-tree.ts';
import { DomDocument } from './dom.ts';
import type { DomElement } from './dom.ts';
import { LinearReadability } from './readability.ts';

interface Article {
  readonly text: string;
  readonly title: string;
  readonly byline: string;
}

/** The main text of the page, laid out as the extractor `text` does. */
export const article = ofTree((tree, page) => articleOf(tree, page).text);

/** The title of the article, without the name of the site where that can be told. */
export const articleTitle = ofTree((tree, page) => articleOf(tree, page).title);

/** The author of the article, as the page names him or her. */
export const byline = ofTree((tree, page) => articleOf(tree, page).byline);

/** Fewest characters of an article, unless the page has an `article` element. */
const shortest = 140;

/** Largest share of an article's text that may be in links: with more, it is a list of links. */
const mostLinks = 0.5;

/** Limit of steps for one article. One of 10 MB takes 28 million, and each step some 50 ns. */
const mostSteps = 60_000_000;

const noArticle: Article = { text: '', title: '', byline: '' };

const found = new WeakMap<Document, Article>();

/** The article of a tree, looked for once for all extractors. */
function articleOf(tree: Document, page: Page): Article {
  const known = found.get(tree) ?? readArticle(tree, page);
  found.set(tree, known);
  return known;
}

function readArticle(tree: Document, page: Page): Article {
  if (tree.documentElement === null) return noArticle;
  const dom = new DomDocument(tree, page.url, new Steps(mostSteps));
  const parsed = parse(dom);
  if (!parsed?.content || !isArticle(parsed.content, tree)) return noArticle;
  return {
    text: ownText(textOf(parsed.content)),
    title: ownText(collapsed(parsed.title ?? '')),
    byline: ownText(collapsed(parsed.byline ?? '')),
  };
}

function parse(dom: DomDocument): ReturnType<LinearReadability['parse']> {
  try {
    return new LinearReadability(dom).parse();
  } catch {
    // Readability throws on a page without a body or the like, and `Steps` at its limit: no article is found.
    return null;
  }
}

function isArticle(content: DomElement, tree: Document): boolean {
  const length = lettersOf(content);
  if (length === 0) return false;
  const linked = content.getElementsByTagName('a').reduce((sum, link) => sum + lettersOf(link), 0);
  if (linked / length > mostLinks) return false;
  return (
    length >= shortest || tree.elements.some(({ localName, isHtml }) => isHtml && localName === 'article')
  );
}

function lettersOf(element: DomElement): number {
  return collapsed(element.textContent).length;
}

const read = treePass([text]);

function textOf(content: DomElement): string {
  const root = new Fragment();
  root.insert(content, null);
  return read(root)[0]?.value(String) as string;
}
