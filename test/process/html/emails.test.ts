import test from 'ava';

import { valueOf } from './values.ts';

const is = test.macro({
  exec: async (t, html: string, expected: readonly string[]) => {
    t.deepEqual(await valueOf('emails', html), expected);
  },
  title: (what) => what ?? '',
});

/** Hides an address as Cloudflare does: a key, and then each byte XOR the key. */
function hidden(address: string, key = 0x5a): string {
  return Buffer.from([key, ...Buffer.from(address).map((byte) => byte ^ key)]).toString('hex');
}

test(
  'links, decoded and without their query',
  is,
  '<a href="MAILTO:a%2Bb@example.org?subject=x@y.org">x</a><a href=" mailto:c@example.org">c</a>',
  ['a+b@example.org', 'c@example.org'],
);
test(
  'several in a link, with names',
  is,
  '<a href="mailto:a@b.example,%20c@d.example,Name%20<e@f.example>">x</a><a href="mailto:?to=g@h.example">x</a>',
  ['a@b.example', 'c@d.example', 'e@f.example'],
);
test(
  'a link that is none',
  is,
  '<a href="mailto:">x</a><a href="mailto:nobody">x</a><a href="mailto:%ff@x.example">x</a><a href=mail>x</a>',
  ['%ff@x.example'],
);
test('an address beyond ASCII in a link', is, '<a href="mailto:%D0%B0@xn--e1afmkfd.example">x</a>', [
  'а@xn--e1afmkfd.example',
]);
test(
  'in the text, across elements',
  is,
  '<p>Write to info<span>@</span><b>example</b>.org.</p><td>x@y.example</td>',
  ['info@example.org', 'x@y.example'],
);
test(
  'in order, each once in any case',
  is,
  '<p>b@b.example <a href="mailto:a@a.example">A@a.example</a> c@c.example <a href="mailto:B@B.example">b</a>',
  ['b@b.example', 'a@a.example', 'c@c.example'],
);
test(
  'what stands around them',
  is,
  '<p>(a@b.example), &lt;c@d.example&gt;; \'e@f.example\'; Mail:g@h.example. "i@j.example" E/F:k@l.example-',
  ['a@b.example', 'c@d.example', 'e@f.example', 'g@h.example', 'i@j.example', 'k@l.example'],
);
test(
  'names and domains of all kinds',
  is,
  "<p>o'neil@a-b.example x_y.z+1@sub.example.co.uk 1@2.example post@münchen.example a@b.xn--p1ai 邮箱a@c.example联系",
  [
    "o'neil@a-b.example",
    'x_y.z+1@sub.example.co.uk',
    '1@2.example',
    'post@münchen.example',
    'a@b.xn--p1ai',
    'a@c.example',
  ],
);
test(
  'what only looks like one',
  is,
  '<p>image@2x.png lib@1.2.3 lib@1.2.min.js a@b @name@host.example https://u:p@host.example/ https://m.example/@user.name a..b@c.example a.@b.example a@-b.example a@b..example x@y.example.PNG',
  [],
);
test(
  'hidden by Cloudflare',
  is,
  `<a href="/cdn-cgi/l/email-protection" data-cfemail="${hidden('a@b.example')}">[email&#160;protected]</a><span class=__cf_email__ data-cfemail=${hidden('c@d.example', 0)}>x</span><a href="/cdn-cgi/l/email-protection#${hidden('e@f.example?subject=x')}">x</a><span data-cfemail=zz>x</span>`,
  ['a@b.example', 'c@d.example', 'e@f.example'],
);
test(
  'not in scripts, comments and attributes',
  is,
  '<script>a@b.example</script><!-- c@d.example --><p title="e@f.example">x',
  [],
);
test('in a drawing only by a link around it', is, '<svg><text>a@b.example</text></svg>', []);
test(
  'longest names',
  is,
  `<p>${'a'.repeat(64)}@b.example ${'a'.repeat(65)}@c.example a@${'d'.repeat(63)}.example a@${'e'.repeat(64)}.example`,
  [`${'a'.repeat(64)}@b.example`, `a@${'d'.repeat(63)}.example`],
);
test(
  'a long text of nothing else',
  is,
  `<p>${'a'.repeat(1_000_000)}@${'b.'.repeat(500_000)}${'@'.repeat(500_000)}${'a@'.repeat(300_000)}`,
  [],
);
