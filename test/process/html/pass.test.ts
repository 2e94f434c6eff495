import test from 'ava';

import { canonical } from '../../../src/process/html/canonical.ts';
import { description } from '../../../src/process/html/description.ts';
import { htmlPass } from '../../../src/process/html/pass.ts';
import { lang } from '../../../src/process/html/lang.ts';
import { Reader } from '../../../src/process/html/reader.ts';
import type { HtmlExtractor } from '../../../src/process/html/reader.ts';
import { title } from '../../../src/process/html/title.ts';

/** Counts the paragraphs reported to it, although it has said that it needs no more. */
class Counter extends Reader {
  paragraphs = 0;
  override done = true;

  open(): void {
    this.paragraphs++;
  }

  value(): number {
    return this.paragraphs;
  }
}

const counter: HtmlExtractor = { tags: ['p'], read: () => new Counter() };

const stops = test.macro({
  exec: (t, extractors: readonly HtmlExtractor[], html: string, expected: readonly unknown[]) => {
    const readers = htmlPass([...extractors, counter])(html);
    t.deepEqual(
      readers.map((reader) => reader.value(String)),
      expected,
    );
  },
  title: (what) => what ?? '',
});

const page = '<html lang=de><p><title>A</title><p><meta name=description content=B><p><p>';
test('reading stops behind the title', stops, [title], page, ['A', 1]);
test('it stops behind the last value', stops, [title, description, lang], page, ['A', 'B', 'de', 2]);
test('it goes to the end for what is not there', stops, [title], '<p><p><p>', ['', 3]);
test('of several that are not known, each has its own', stops, [lang, title, lang], page, [
  'de',
  'A',
  'de',
  1,
]);
test('a Kelvin sign is no k', stops, [canonical], '<lin\u212a rel=canonical href=http://a/><p>', ['', 1]);
test('a K is', stops, [canonical], '<LINK rel=canonical href=http://a/><p>', ['http://a/', 0]);
