import { hash } from 'node:crypto';

import type { HtmlExtractor } from './reader.ts';
import { ofText } from './text.ts';

/** SHA-256 of the page's text or, where it is not HTML, of its body. */
export const textSha256: HtmlExtractor = {
  ...ofText((text) => hash('sha256', text, 'hex')),
  complete: (found, { body }) => found ?? hash('sha256', body, 'hex'),
};
