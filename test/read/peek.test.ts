import { buffer } from 'node:stream/consumers';

import test from 'ava';

import { piecesOf, sourceOf } from '../helpers/reading.ts';
import { peek } from '../../src/read/peek.ts';

const content = 'url\nhttps://a.example/\n';

const shows = test.macro(async (t, text: string, size: number, head: string) => {
  const stream = sourceOf(piecesOf(Buffer.from(text), size)).open() as AsyncIterable<Buffer>;
  const [first, whole] = await peek(stream);
  t.is(first.toString(), head);
  t.is((await buffer(whole)).toString(), text);
});

test('the first piece is shown, and the whole still comes', shows, content, 10, content.slice(0, 10));
test('pieces are joined until four bytes are there', shows, content, 1, content.slice(0, 4));
test('pieces of three make six', shows, content, 3, content.slice(0, 6));
test('fewer bytes are all that is shown', shows, 'u', 1, 'u');
test('nothing is shown of nothing', shows, '', 1, '');

test('only what is needed is taken', async (t) => {
  let taken = 0;
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) {
      taken++;
      yield Buffer.from('ab');
    }
  }
  const [head] = await peek(endless());
  t.is(head.toString(), 'abab');
  t.is(taken, 2);
});

test('who ends the whole closes what is read', async (t) => {
  const stream = sourceOf(piecesOf(Buffer.from(content), 2)).open();
  const [, whole] = await peek(stream as AsyncIterable<Buffer>);
  let text = '';
  for await (const piece of whole) {
    text += piece.toString();
    if (text.length > 8) break;
  }
  t.true(stream.destroyed);
  t.true(content.startsWith(text));
});
