import { mediaTypeOf } from '../../shared/media-type.ts';
import type { Page } from '../../shared/records.ts';
import { namespaces } from './nodes.ts';
import type { Markup } from './tree.ts';

/**
 * Whether a page is HTML, XHTML or other XML; null if it is none of them. XML with the root element of XHTML is XHTML,
 * whatever its media type.
 */
export function markupOf({ headers, kind, text }: Page): Markup | null {
  if (mediaTypeOf(headers['content-type'] ?? '').type === 'application/xhtml+xml') return 'xhtml';
  if (kind === 'html') return 'html';
  return kind === 'xml' ? kindOfXml(text().slice(0, 4096)) : null;
}

function kindOfXml(begin: string): Markup {
  const [root = ''] = /<[\w:][^>]*/.exec(begin.replaceAll(/<!--.*?-->/gs, '')) ?? [];
  // The namespace alone is not enough, as feeds declare it too, for the content of their entries.
  return /^<(?:[\w-]+:)?html\s/.test(root) && root.includes(namespaces.html) ? 'xhtml' : 'xml';
}
