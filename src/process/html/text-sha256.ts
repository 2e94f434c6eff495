import { hash } from 'node:crypto';

import type { HtmlExtractor } from './reader.ts';
import { ofText } from './text.ts';

/** The hash of the text of the page; of its body, where it is not HTML. */
export const textSha256: HtmlExtractor = {
  ...ofText((text) => hash('sha256', text, 'hex')),
  complete: (found, { body }) => found ?? hash('sha256', body, 'hex'),
};
