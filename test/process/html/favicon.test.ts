import test from 'ava';

import { valueOf } from './values.ts';

/**
 * The expected choices are those of Chromium 156 for a wanted size of 32, by the declared sizes of the icons.
 */
const is = test.macro({
  exec: async (t, html: string, expected: string, type?: string) => {
    const url = await valueOf('favicon', html, type, 'http://example.org/d/page?q');
    t.is(typeof url === 'string' ? url.replace('http://example.org', '') : url, expected);
  },
  title: (what) => what ?? '',
});

const icon = (href: string, attributes = ''): string => `<link rel=icon href="${href}" ${attributes}>`;

test('none: that of the site', is, '<base href=http://other.example/><p>x', '/favicon.ico');
test('one', is, icon('a.png'), '/d/a.png');
test('in any case, among other types', is, '<link rel="SHORTCUT\nICON" href=/a.png>', '/a.png');
test('with a base', is, `<base href=/b/>${icon('a.png')}`, '/b/a.png');
test('a base in the body', is, `${icon('a.png')}<body><base href=/b/>`, '/b/a.png');
test('the last of equal ones', is, icon('/a.png') + icon('/b.png'), '/b.png');
test(
  'of the size that is wanted',
  is,
  icon('/a.png', 'sizes=32x32') + icon('/b.png', 'sizes=16x16') + icon('/c.png', 'sizes=64x64'),
  '/a.png',
);
test(
  'the smallest of the larger ones',
  is,
  icon('/c.png', 'sizes=192x192') + icon('/b.png', 'sizes=96x96') + icon('/a.png', 'sizes=180X180'),
  '/b.png',
);
test(
  'a larger one before a smaller one',
  is,
  icon('/b.png', 'sizes=64x64') + icon('/a.png', 'sizes=8x8'),
  '/b.png',
);
test(
  'one of several sizes',
  is,
  icon('/b.png', 'sizes="32x32"') + icon('/a.png', 'sizes="48x48 16x16"'),
  '/b.png',
);
test('one of any size', is, icon('/a.ico', 'sizes=any') + icon('/b.png', 'sizes=16x16'), '/a.ico');
test(
  'one of an unknown size before one of another size',
  is,
  icon('/a.png') + icon('/b.png', 'sizes=16x16'),
  '/a.png',
);
test(
  'one of the wanted size before one of an unknown size',
  is,
  icon('/a.png', 'sizes=32x32') + icon('/b.png'),
  '/a.png',
);
test(
  'a drawing has any size',
  is,
  icon('/a.svg?v=1') + icon('/b.png') + icon('/c', 'type=image/svg+xml') + icon('/d.png'),
  '/c',
);
test(
  'for the media that are shown',
  is,
  icon('/a.png', 'media="(prefers-color-scheme: light)"') +
    icon('/b.png', 'media="(prefers-color-scheme: dark)"') +
    icon('/c.png', 'media=print'),
  '/a.png',
);
test('empty ones are none', is, icon('/a.png') + icon(' '), '/a.png');
test('an empty one alone', is, icon(''), '/favicon.ico');
test('that there is none', is, icon('data:,'), '');
test('one within the page', is, icon('data:image/png;base64,AAAA'), 'data:image/png;base64,AAAA');
test(
  'those of touch screens are others',
  is,
  '<link rel=apple-touch-icon href=/a.png><link rel="icon apple-touch-icon" href=/b.png><link rel=mask-icon href=/c.svg>',
  '/favicon.ico',
);
test('in the body they do not count', is, `<body>${icon('/a.png')}`, '/favicon.ico');
test('nor behind what begins a body', is, `<div>x</div>${icon('/a.png')}`, '/favicon.ico');
test('but between head and body', is, `<head></head>${icon('/a.png')}<body>${icon('/b.png')}`, '/a.png');
test('not in a template', is, `<template>${icon('/a.png')}</template>`, '/favicon.ico');
test('another file', is, '%PDF', '', 'application/pdf');
test(
  'XHTML',
  is,
  '<html xmlns="http://www.w3.org/1999/xhtml"><head><link rel="icon" href="/a.png"/></head></html>',
  '/a.png',
  'application/xhtml+xml',
);
test('more sizes than a call can take', is, icon('/a.png', `sizes="${'16x16 '.repeat(500_000)}"`), '/a.png');
