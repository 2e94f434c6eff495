import test from 'ava';

import { chosenExtractors, extractors } from '../../../src/process/extractors.ts';
import { pageOf } from '../pages.ts';

// The steps of a regular expression cannot be counted, but one of quadratic cost would take hours on a
// megabyte.
test('megabytes of blanks, line ends and references', async (t) => {
  const [processor] = await chosenExtractors(Object.keys(extractors).join(','), '');
  const blanks = `${' '.repeat(1_000_000)}x`;
  const ends = `${'\r\n'.repeat(1_000_000)}x`;
  const text = [blanks, ends, '&amp; '.repeat(200_000)].join('');
  const html = `<base href="${blanks}"><title>${text}</title><h1>${text}</h1><pre>${ends}</pre><a href="${text}">x</a>`;
  const values = await processor?.process(pageOf(html, 'text/html; charset=utf-8'));
  t.regex(JSON.stringify(values), /"title":"x x& & &/);
});
