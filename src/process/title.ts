import { Parser } from 'htmlparser2';

import type { Page, Processor } from '../records.ts';

/** The document's title as a browser's `document.title` gives it; empty for what is not HTML. */
export function title(column: string): Processor {
  return { columns: [column], process: (page) => ({ [column]: isHtml(page) ? titleOf(page.text()) : '' }) };
}

function isHtml({ headers, body }: Page): boolean {
  const type = headers['content-type'] ?? '';
  return (
    /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(type) ||
    (type === '' && /^(?:\u00ef\u00bb\u00bf)?\s*</.test(body.toString('latin1', 0, 256)))
  );
}

/** Text is parsed in slices, as the title mostly stands in the first one. */
const slice = 4096;

function titleOf(html: string): string {
  let text = '';
  let reading = false;
  let found = false;
  /** Depth within svg, whose title elements are not the document's. */
  let foreign = 0;
  const parser = new Parser({
    onopentagname(name) {
      if (name === 'svg') foreign++;
      else if (name === 'title' && foreign === 0) reading = true;
    },
    ontext(data) {
      if (reading && !found) text += data;
    },
    onclosetag(name) {
      if (name === 'svg' && foreign > 0) foreign--;
      else if (name === 'title' && reading) found = true;
    },
  });
  const isFound = (): boolean => found;
  for (let at = 0; at < html.length && !isFound(); at += slice) parser.write(html.slice(at, at + slice));
  if (!isFound()) parser.end();
  // HTML Standard, "document.title": ASCII whitespace is stripped and collapsed.
  return text.replaceAll(/[\t\n\f\r ]+/g, ' ').replace(/^ | $/g, '');
}
