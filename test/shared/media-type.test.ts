import test from 'ava';

import { growth } from '../helpers/steps.ts';
import { mediaTypeOf, shownType } from '../../src/shared/media-type.ts';

const media = test.macro({
  exec: (t, contentType: string, type: string, charset: string) => {
    t.deepEqual(mediaTypeOf(contentType), { type, charset });
  },
  title: (_, contentType: string) => `Content-Type: ${contentType}`,
});

test(media, 'text/html', 'text/html', '');
test(media, 'Text/HTML; Charset=UTF-8', 'text/html', 'UTF-8');
test(media, ' text/html ;charset="iso-8859-1"', 'text/html', 'iso-8859-1');
test(media, 'text/html; charset = utf-8 ; x=y', 'text/html', 'utf-8');
test(media, 'text/html; x=y; charset=koi8-r', 'text/html', 'koi8-r');
test(media, 'text/html;;; charset=koi8-r', 'text/html', 'koi8-r');
test(media, 'text/html; x; charset=koi8-r', 'text/html', 'koi8-r');
test(media, 'text/html; xcharset=koi8-r', 'text/html', '');
test(media, 'text/html; charset=', 'text/html', '');
test(media, 'text/html; charset=; charset=gbk', 'text/html', 'gbk');
test(media, 'text/html; charset=gbk; charset=big5', 'text/html', 'gbk');
test(media, 'text/html; charset="g\\bk"; x', 'text/html', 'gbk');
test(media, 'text/html; charset="gbk', 'text/html', 'gbk');
test(media, 'text/html; x="; charset=big5"; charset=gbk', 'text/html', 'gbk');

test('', media, '', '', '');
test(media, 'charset=utf-8', '', '');
test(media, 'html', '', '');
test(media, '*/*', '', '');
test(media, 'text/', '', '');
test(media, '/html', '', '');
test(media, 'text/html charset=gbk', '', '');
test(media, ';charset=gbk', '', '');

test(media, 'text/html, text/html', 'text/html', '');
test(media, 'text/html; charset=utf-8, text/html', 'text/html', 'utf-8');
test(media, 'text/html; charset=utf-8,gbk', 'text/html', 'utf-8');
test(media, 'text/html; charset=utf-8, text/html; charset=gbk', 'text/html', 'gbk');
test(media, 'text/html; charset=utf-8, text/plain', 'text/plain', '');
test(media, 'text/plain; charset=gbk, text/html, */*', 'text/html', '');
test(media, 'text/html; x="a, b/c"; charset=gbk', 'text/html', 'gbk');
test(media, 'text/html, ', 'text/html', '');
test(media, ', text/html', 'text/html', '');

test('what is shown is the type, else what was said', (t) => {
  t.is(shownType('text/plain, Text/HTML; charset=utf-8'), 'text/html');
  t.is(shownType(' HTML ; charset=utf-8'), 'html');
  t.is(shownType('*/*'), '*/*');
  t.is(shownType(''), '');
});

test.serial('a hostile header takes steps by its length', async (t) => {
  for (const part of ['a/b,', ';x="', '"\\', ';charset', '/']) {
    const ratio = await growth(2000, (size) =>
      t.is(typeof mediaTypeOf(`text/html${part.repeat(size)}`).type, 'string'),
    );
    t.true(ratio < 12, `${part}: eight times as much takes ${ratio.toFixed(1)} times as many steps`);
  }
});
