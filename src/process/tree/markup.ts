import type { Page } from '../../shared/records.ts';
import { namespaces } from './nodes.ts';
import type { Markup } from './tree.ts';

/**
 * How a page is marked up; null when it is something else. The media type tells, and without one the first signs. XML
 * whose root is of XHTML is that, whatever kind of XML it is called.
 */
export function markupOf({ headers, body }: Page): Markup | null {
  const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'text/html') return 'html';
  if (type === 'application/xhtml+xml') return 'xhtml';
  if (type !== '') return /[/+]xml$/.test(type) ? kindOfXml(body) : null;
  const [, mark] = /^(?:\u00ef\u00bb\u00bf)?\s*(<\?xml|<)/.exec(body.toString('latin1', 0, 256)) ?? [];
  if (mark === undefined) return null;
  return mark === '<' ? 'html' : kindOfXml(body);
}

/** Also in UTF-16: all that counts is ASCII. */
function kindOfXml(body: Buffer): Markup {
  const begin = body
    .toString('latin1', 0, 4096)
    .replaceAll('\0', '')
    .replaceAll(/<!--.*?-->/gs, '');
  const [root = ''] = /<[\w:][^>]*/.exec(begin) ?? [];
  // A feed may declare XHTML too, for what stands in it.
  return /^<(?:[\w-]+:)?html\s/.test(root) && root.includes(namespaces.html) ? 'xhtml' : 'xml';
}
