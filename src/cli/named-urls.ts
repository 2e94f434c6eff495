import { Readable } from 'node:stream';

import type { Source } from '../read/source.ts';

/** Whether a word of the command line is a URL, and not a file. */
export function isUrl(word: string): boolean {
  return /^https?:\/\//i.test(word);
}

/** URLs of the command line as a list. */
export function urlSource(urls: readonly string[]): Source {
  // The URL Standard removes line breaks and tabs from a URL.
  const lines = urls.map((url) => `${url.replaceAll(/[\r\n\t]/g, '')}\n`);
  return {
    name: 'the command line',
    size: null,
    open: () => Readable.from([Buffer.from(lines.join(''))]),
    reopens: false,
  };
}
