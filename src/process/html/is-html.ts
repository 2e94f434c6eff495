import type { Page } from '../../shared/records.ts';

/** By its media type; what has none must look like it. */
export function isHtml({ headers, body }: Page): boolean {
  const type = headers['content-type'] ?? '';
  return (
    /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(type) ||
    (type === '' && /^(?:\u00ef\u00bb\u00bf)?\s*</.test(body.toString('latin1', 0, 256)))
  );
}
