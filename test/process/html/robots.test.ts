import test from 'ava';

import { valueOf } from './values.ts';

const is = test.macro({
  exec: async (t, html: string, expected: string, header?: string, type?: string) => {
    const headers = header === undefined ? {} : { 'X-Robots-Tag': header };
    t.is(await valueOf('robots', html, type, undefined, headers), expected);
  },
  title: (what) => what ?? '',
});

const meta = (content: string, name = 'robots'): string => `<meta name="${name}" content="${content}">`;

test(
  'in lower case, separated by a comma and a space',
  is,
  meta('NOINDEX,NoFollow ,  none'),
  'noindex, nofollow, none',
);
test('each once', is, meta('noindex, noindex') + meta('noindex,all'), 'noindex, all');
test('a name in any case', is, meta('all', ' ROBOTS '), 'all');
test(
  'none',
  is,
  '<meta name=robots><meta name=robot content=all><meta name=description content=noindex>',
  '',
);
test('separated otherwise', is, meta('noindex nofollow; noarchive'), 'noindex, nofollow, noarchive');
test(
  'with values',
  is,
  meta('max-snippet : -1, max-image-preview:Large max-video-preview:3'),
  'max-snippet:-1, max-image-preview:large, max-video-preview:3',
);
test(
  'dates',
  is,
  meta('unavailable_after: 25 Jun 2030 15:00:00 PST, noindex') +
    meta('unavailable_after:Tue, 25 Jun 2030 15:00:00 GMT,all'),
  'unavailable_after:25 jun 2030 15:00:00 pst, noindex, unavailable_after:tue, 25 jun 2030 15:00:00 gmt, all',
);
test(
  'for one robot',
  is,
  meta('noindex, nofollow', 'Googlebot') + meta('all', 'bingbot'),
  'googlebot: noindex, googlebot: nofollow, bingbot: all',
);
test('the page first, then the header', is, meta('noindex'), 'noindex, nofollow', 'nofollow, noindex');
test(
  'for one robot in the header',
  is,
  '',
  'noindex, googlebot: nofollow, googlebot: noarchive, otherbot: max-snippet:5',
  'noindex, googlebot: nofollow, noarchive, otherbot: max-snippet:5',
);
test('a file that is no page', is, '%PDF-1.7', 'noindex', 'NoIndex', 'application/pdf');
test('a file without a header', is, '%PDF-1.7', '', undefined, 'application/pdf');
test(
  'XHTML',
  is,
  '<html xmlns="http://www.w3.org/1999/xhtml"><meta name="robots" content="none"/></html>',
  'none',
  undefined,
  'application/xhtml+xml',
);
test('not in a template', is, `<template>${meta('noindex')}</template>`, '');
test('a long name', is, meta('x', '-bot'.repeat(100_000)), '');
test(
  'a word that is too long for the name of a robot, with its rules',
  is,
  meta(`noindex, ${'x'.repeat(40)}: a, b, googlebot: nofollow`),
  'noindex, googlebot: nofollow, otherbot: d',
  `${'x'.repeat(40)}: c, otherbot: d`,
);
test('more rules than a call can take', is, meta('noindex '.repeat(500_000)), 'noindex');
