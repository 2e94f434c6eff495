import test from 'ava';
import { percentEncodeAfterEncoding } from '@exodus/bytes/whatwg.js';

import { growth } from '../helpers/steps.ts';
import { decodeText, loadEncodings } from '../../src/page/encodings.ts';
import { guessedEncoding } from '../../src/page/guess.ts';

test.before(loadEncodings);

/** The text in an encoding, as browsers encode it. */
function encoded(text: string, encoding: string): Buffer {
  const escaped = percentEncodeAfterEncoding(encoding, text, '%');
  return Buffer.from(
    escaped.replaceAll(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}

const pages: Readonly<Record<string, string>> = {
  japanese:
    '<title>お知らせ</title><p>このページでは、新しい製品についてご案内しています。詳しくはお問い合わせください。',
  chinese:
    '<title>关于我们</title><p>本公司成立于一九九八年，主要从事软件开发和信息服务。欢迎新老客户来电咨询。',
  taiwanese: '<title>關於我們</title><p>本公司成立於一九九八年，主要從事軟體開發與資訊服務。歡迎來電洽詢。',
  korean: '<title>회사 소개</title><p>저희 홈페이지를 방문해 주셔서 감사합니다. 새로운 소식을 알려 드립니다.',
  russian:
    '<title>О компании</title><p>Добро пожаловать на наш сайт! Здесь вы найдёте новости и расписание занятий.',
  ukrainian:
    '<title>Про нас</title><p>Ласкаво просимо на наш сайт! Тут ви знайдете новини та розклад її занять.',
  greek: '<title>Σχετικά</title><p>Καλώς ήρθατε στην ιστοσελίδα μας. Εδώ θα βρείτε νέα και ανακοινώσεις.',
  hebrew: '<title>אודות</title><p>ברוכים הבאים לאתר שלנו. כאן תמצאו חדשות ועדכונים על הפעילות.',
  arabic: '<title>من نحن</title><p>مرحبا بكم في موقعنا على الانترنت. هنا تجدون الاخبار والمواعيد.',
  thai: '<title>เกี่ยวกับเรา</title><p>ยินดีต้อนรับสู่เว็บไซต์ของเรา ที่นี่คุณจะพบข่าวสารและตารางเวลา',
  turkish:
    '<title>Hakkımızda</title><p>Sitemize hoş geldiniz. Burada güncel haberleri ve duyuruları bulacaksınız, şubelerimiz açıktır.',
  czech:
    '<title>O nás</title><p>Vítejte na našich stránkách. Najdete zde nejnovější zprávy a příští události, třeba žáků.',
  polish:
    '<title>O nas</title><p>Witamy na naszej stronie. Znajdą tu Państwo najświeższe wiadomości, łączność i żądania.',
  french:
    '<title>Société</title><p>Bienvenue à l’école. Vous trouverez ici les dernières nouvelles, très détaillées, de l’été.',
  german:
    '<title>Über uns</title><p>Willkommen auf unserer Seite. Hier finden Sie Öffnungszeiten, Preise für Gäste und Grüße.',
};

const guessed = test.macro({
  exec: (t, language: string, encoding: string) => {
    const page = pages[language] ?? '';
    const body = encoded(page, encoding);
    // Some encodings have the same bytes for all letters of the page, so only the decoded text counts.
    t.is(decodeText(body, guessedEncoding(body) ?? 'windows-1252'), page);
  },
  title: (_, language: string, encoding: string) => `${language} in ${encoding}`,
});

test(guessed, 'japanese', 'Shift_JIS');
test(guessed, 'japanese', 'EUC-JP');
test(guessed, 'japanese', 'ISO-2022-JP');
test(guessed, 'chinese', 'GBK');
test(guessed, 'taiwanese', 'Big5');
test(guessed, 'korean', 'EUC-KR');
test(guessed, 'russian', 'windows-1251');
test(guessed, 'russian', 'KOI8-R');
test(guessed, 'russian', 'ISO-8859-5');
test(guessed, 'ukrainian', 'windows-1251');
test(guessed, 'ukrainian', 'KOI8-U');
test(guessed, 'greek', 'windows-1253');
test(guessed, 'hebrew', 'windows-1255');
test(guessed, 'arabic', 'windows-1256');
test(guessed, 'thai', 'windows-874');
test(guessed, 'turkish', 'windows-1254');
test(guessed, 'czech', 'windows-1250');
test(guessed, 'polish', 'ISO-8859-2');
test(guessed, 'french', 'windows-1252');
test(guessed, 'german', 'windows-1252');

for (const language of Object.keys(pages)) test(guessed, language, 'UTF-8');

const looks = test.macro({
  exec: (t, body: Buffer, expected: string | null) => {
    t.is(guessedEncoding(body), expected);
  },
  title: (what) => what ?? '',
});

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const english = 'The quick brown fox jumps over the lazy dog, and nobody has seen it since. ';
const russian = Buffer.from(pages['russian'] ?? '');

test('ASCII is nothing to guess by', looks, latin1(english), null);
test('nor is a lone escape', looks, latin1(`\u001b[1m${english}`), null);
test('UTF-8 that comes late', looks, Buffer.from(`${' '.repeat(300_000)}é`), 'UTF-8');
test(
  'others that come late',
  looks,
  Buffer.concat([Buffer.alloc(600_000, ' '), encoded(pages['russian'] ?? '', 'KOI8-R')]),
  'KOI8-R',
);
test('English with a copyright sign', looks, latin1(`${english}\xa9 2001 ${english}`), 'windows-1252');
test('English with quotes', looks, latin1(`${english}\x93${english}\x94, it\x92s said \x96`), 'windows-1252');
test('English with a name', looks, latin1(`${english}Caf\xe9 ${english}`), 'windows-1252');
test(
  'English with a space that breaks no line',
  looks,
  latin1(`${english}\xa0|\xa0${english}`),
  'windows-1252',
);
test('UTF-8 that is cut within a letter', looks, russian.subarray(0, russian.indexOf('О') + 9), 'UTF-8');
test('UTF-8 with a byte that is none', looks, Buffer.concat([russian, latin1('\xa9 2001')]), 'UTF-8');
test(
  'Windows letters in tags and scripts',
  looks,
  encoded(`<script>${english.repeat(500)}</script>${pages['russian']}`, 'windows-1251'),
  'windows-1251',
);

test.serial('a large page is looked at in its first bytes only', async (t) => {
  const page = Buffer.concat([encoded(pages['russian'] ?? '', 'KOI8-R'), latin1('\n')]);
  const ratio = await growth(1_000_000, (size) => t.is(guessedEncoding(Buffer.alloc(size, page)), 'KOI8-R'));
  t.true(ratio < 1.5, `eight times as much takes ${ratio.toFixed(1)} times as many steps`);
});
