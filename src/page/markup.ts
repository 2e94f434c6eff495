/** How a document is marked up. `xhtml` is HTML in the syntax of XML. */
export type Markup = 'html' | 'xhtml' | 'xml';

/** How a body is marked up: by its media type or, without one, by its first bytes. Null: neither HTML nor XML. */
export function markupOf(contentType: string, body: Buffer): Markup | null {
  const type = /^\s*([^\s;,]*)/.exec(contentType)?.[1]?.toLowerCase() ?? '';
  if (type === '') return sniffedMarkup(body);
  if (type === 'text/html') return 'html';
  if (type === 'application/xhtml+xml') return 'xhtml';
  return /[/+]xml$/.test(type) ? 'xml' : null;
}

/** MIME Sniffing Standard, section 7.1: the first 1445 bytes tell. Unlike there, any tag is one of HTML. */
function sniffedMarkup(body: Buffer): Markup | null {
  const head = body.toString('latin1', 0, 1445);
  const [, start] = /^(?:\u00ef\u00bb\u00bf)?[\t\n\f\r ]*(<\?xml|<)/.exec(head) ?? [];
  if (start === undefined) return null;
  if (start === '<') return 'html';
  return /<html[\s>]/i.test(head) ? 'xhtml' : 'xml';
}
