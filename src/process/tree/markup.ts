import { mediaTypeOf } from '../../shared/media-type.ts';
import type { Page } from '../../shared/records.ts';
import { namespaces } from './nodes.ts';
import type { Markup } from './tree.ts';

/**
 * How a page is marked up; null when it is something else. XML whose root is of XHTML is that, whatever kind of XML it is
 * called.
 */
export function markupOf({ headers, kind, text }: Page): Markup | null {
  if (mediaTypeOf(headers['content-type'] ?? '').type === 'application/xhtml+xml') return 'xhtml';
  if (kind === 'html') return 'html';
  return kind === 'xml' ? kindOfXml(text().slice(0, 4096)) : null;
}

function kindOfXml(begin: string): Markup {
  const [root = ''] = /<[\w:][^>]*/.exec(begin.replaceAll(/<!--.*?-->/gs, '')) ?? [];
  // A feed may declare XHTML too, for what stands in it.
  return /^<(?:[\w-]+:)?html\s/.test(root) && root.includes(namespaces.html) ? 'xhtml' : 'xml';
}
