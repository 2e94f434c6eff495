import { html as standard, parse } from 'parse5';
import type { DefaultTreeAdapterTypes } from 'parse5';

import { encodingOf, markedEncoding } from '../../src/page/encodings.ts';
import type { Oracle, Values } from './values.ts';

type Element = DefaultTreeAdapterTypes.Element;
type Node = DefaultTreeAdapterTypes.Node;

/** Values from the tree that parse5 builds by the HTML Standard, found as the DOM Standard describes. */
export function parse5Oracle(): Oracle {
  return {
    values: ({ body, html, url }) => Promise.resolve({ ...valuesOf(html, url), charset: charsetOf(body) }),
    close: () => Promise.resolve(),
  };
}

function valuesOf(html: string, url: string): Omit<Values, 'charset'> {
  const elements = [...htmlElements(parse(html, { scriptingEnabled: false }).childNodes)];
  const named = (...names: readonly string[]): Element[] =>
    elements.filter(({ tagName }) => names.includes(tagName));
  const base = baseUrl(attributes(named('base'), 'href')[0], url);
  const resolve = (href: string): string => parsed(href, base)?.href ?? href;
  const canonical = named('link').filter((link) => types(link).includes('canonical'));
  const alternates = named('link').filter(
    (link) => types(link).includes('alternate') && !types(link).includes('stylesheet') && says(link, 'href'),
  );
  const hrefOf = (link: Element): string => resolve(attribute(link, 'href') ?? '');
  return {
    title: collapsed(named('title').slice(0, 1).map(textOf).join('')),
    lang: attributes(named('html').slice(0, 1), 'lang')[0] ?? '',
    canonical: attributes(canonical, 'href').slice(0, 1).map(resolve).join(''),
    h1: collapsed(named('h1').slice(0, 1).map(textOf).join('')),
    links: attributes(named('a', 'area'), 'href').map(resolve),
    images: once(
      attributes(
        named('img').filter((image) => says(image, 'src')),
        'src',
      ).map(resolve),
    ).filter((src) => /^https?:/.test(src)),
    hreflang: once(
      alternates
        .filter((link) => says(link, 'hreflang'))
        .map((link) => ({ hreflang: attribute(link, 'hreflang') ?? '', href: hrefOf(link) })),
    ),
    feeds: once(alternates.filter((link) => feedType.test(attribute(link, 'type') ?? '')).map(hrefOf)),
  };
}

const feedType = /^application\/(?:rss\+xml|atom\+xml|feed\+json)$/i;

function types(link: Element): readonly string[] {
  return (attribute(link, 'rel') ?? '').toLowerCase().split(/[\t\n\f\r ]+/);
}

/** By the HTML Standard, an empty URL counts as none. */
function says(element: Element, name: string): boolean {
  return (attribute(element, name) ?? '').trim() !== '';
}

function once<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

/**
 * The encoding that the first 1024 bytes declare: by a byte order mark, otherwise by a meta element. It is
 * taken from the tree, to be independent of our code, which scans the bytes as browsers do.
 */
function charsetOf(body: Buffer): string {
  const marked = markedEncoding(body);
  if (marked !== null) return marked;
  const head = [...htmlElements(parse(body.toString('latin1', 0, 1024)).childNodes)];
  const labels = head.flatMap((element) => {
    if (element.tagName !== 'meta') return [];
    const isHeader = attribute(element, 'http-equiv')?.toLowerCase() === 'content-type';
    const content = isHeader ? attribute(element, 'content') : undefined;
    return attribute(element, 'charset') ?? content?.split(/charset=/i)[1] ?? [];
  });
  return labels.map(encodingOf).find((name) => name !== null) ?? 'windows-1252';
}

/**
 * Elements in document order, without the content of templates, which parse5 does not keep among the
 * children.
 */
function* htmlElements(roots: readonly Node[]): Generator<Element> {
  const waiting = roots.toReversed();
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (!('childNodes' in node)) continue;
    if ('tagName' in node && node.namespaceURI === standard.NS.HTML) yield node;
    for (let last = node.childNodes.length - 1; last >= 0; last--) {
      const child = node.childNodes[last];
      if (child !== undefined) waiting.push(child);
    }
  }
}

function textOf(element: Element): string {
  let text = '';
  const waiting: Node[] = element.childNodes.toReversed();
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.nodeName === '#text' && 'value' in node) text += node.value;
    if ('childNodes' in node) waiting.push(...node.childNodes.toReversed());
  }
  return text;
}

function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((attr) => attr.name === name && attr.namespace === undefined)?.value;
}

function attributes(elements: readonly Element[], name: string): string[] {
  return elements.flatMap((element) => attribute(element, name) ?? []);
}

function baseUrl(href: string | undefined, url: string): string {
  const base = href === undefined ? null : parsed(href, url);
  return base === null || ['data:', 'javascript:'].includes(base.protocol) ? url : base.href;
}

function parsed(href: string, base: string): URL | null {
  try {
    return new URL(href, base);
  } catch {
    return null;
  }
}

function collapsed(text: string): string {
  return text
    .split(/[\t\n\f\r ]+/)
    .filter((word) => word !== '')
    .join(' ');
}
