import test from 'ava';

import { valueOf } from './values.ts';

const is = test.macro({
  exec: async (t, html: string, expected: string) => {
    t.is(await valueOf('language', html), expected);
  },
  title: (what) => what ?? '',
});

const texts = {
  en: 'All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience.',
  de: 'Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt.',
  fr: 'Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison.',
  pl: 'Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni obdarzeni rozumem.',
  ru: 'Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью.',
  el: 'Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.',
  ja: 'すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。',
  zh: '人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心,并应以兄弟关系的精神相对待。',
  ar: 'يولد جميع الناس أحرارا متساوين في الكرامة والحقوق. وقد وهبوا عقلا وضميرا.',
};
for (const [code, text] of Object.entries(texts)) test(`a text: ${code}`, is, `<p>${text}`, code);

test('the text counts, not what the page says', is, `<html lang="en"><p>${texts.de}`, 'de');
test('what most of it is in', is, `<p>${texts.en}${`<p>${texts.pl}`.repeat(20)}`, 'pl');
test('too little text', is, '<p>Hello, world', '');
test('no letters', is, `<p>${'1234567890 '.repeat(100)}`, '');
test('no text', is, '', '');
test('a single word', is, '<p>Restaurant', '');
test('only the beginning of a long text', is, `<p>${texts.en.repeat(1000)}${texts.pl.repeat(5000)}`, 'en');
