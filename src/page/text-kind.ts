/** The kinds of text, by how their encoding is found; `other` is not text. */
export type TextKind = 'html' | 'xml' | 'json' | 'plain' | 'other';

/** Bytes of a body that decide about its kind (MIME Sniffing Standard, section 7.1). */
export const headLength = 1445;

/** Media types of text other than `text/…`. */
const plainTypes =
  /^application\/(?:x-)?(?:javascript|ecmascript|yaml|toml|sql|graphql|sh|www-form-urlencoded)$/;

/**
 * The kind of a body by its media type or, without one, by its first bytes. Feeds and sitemaps are XML whatever their media
 * type, as for feed readers.
 *
 * @param head the first characters, or a character per byte, without a byte order mark
 * @param type a type that `mediaTypeOf` gives
 */
export function textKind(head: string, type: string): TextKind {
  if (isFeed(head)) return 'xml';
  if (type === '' || type === 'unknown/unknown' || type === 'application/unknown') return lookOf(head);
  if (type === 'text/html') return 'html';
  if (/[/+]xml$/.test(type)) return 'xml';
  if (/[/+](?:x-)?(?:nd)?json(?:l|-seq)?$/.test(type)) return 'json';
  return type.startsWith('text/') || plainTypes.test(type) ? 'plain' : 'other';
}

/** MIME Sniffing Standard, section 7.1, for text only. Unlike there, any tag counts as HTML. */
function lookOf(head: string): TextKind {
  if (/^[\t\n\f\r ]*</.test(head)) return /^\s*<\?xml/.test(head) ? 'xml' : 'html';
  // Control characters are signs of binary data, except escape, which ISO-2022-JP uses.
  return /[^\t\n\f\r -\uffff]/.test(head.replaceAll('\u001b', '')) ? 'other' : 'plain';
}

/** Whether the root element is that of a feed (RSS, Atom), a list of feeds (OPML), or a sitemap. */
function isFeed(head: string): boolean {
  const root = rootOf(head);
  return root !== null && /^(?:rss|feed|rdf|opml|urlset|sitemapindex)$/i.test(root);
}

/** The name of the root element without its prefix; null when there is none, or text comes before it. */
function rootOf(head: string): string | null {
  let at = head.search(/[^\t\n\f\r ]/);
  while (at !== -1 && head[at] === '<') {
    const mark = head[at + 1];
    if (mark !== '?' && mark !== '!') {
      const name = /<(?:[\w.-]+:)?([\w.-]+)[\t\n\f\r />]/y;
      name.lastIndex = at;
      return name.exec(head)?.[1] ?? null;
    }
    const close = head.startsWith('<!--', at) ? '-->' : '>';
    const end = head.indexOf(close, at + 2);
    if (end === -1) return null;
    const next = /[^\t\n\f\r ]/g;
    next.lastIndex = end + close.length;
    at = next.exec(head)?.index ?? -1;
  }
  return null;
}
