/** An e-mail address in a text, and the index where it begins. */
export interface FoundAddress {
  readonly at: number;
  readonly address: string;
}

/** RFC 5321, section 4.5.3.1: octets of the part before the @, and of the domain. */
const longestLocal = 64;
const longestDomain = 253;

/** Ends of file names that look like a domain: `image@2x.png`, `lib@1.2.min.js`. None is a top-level domain. */
const fileTypes = new Set(
  'avif bmp css csv gif gz htm html ico jpeg jpg js json jsx less map mjs mp3 mp4 pdf php png scss svg tif tiff ts tsx txt webm webp woff woff2 xml yaml yml'.split(
    ' ',
  ),
);

/**
 * The e-mail addresses in a text, in order. It takes linear time, as around each @ it looks at no more characters
 * than an address may have.
 */
export function* addressesIn(text: string): Generator<FoundAddress> {
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    const local = localBefore(text, at);
    const domain = local === '' ? '' : domainBehind(text, at + 1);
    if (domain !== '') yield { at: at - local.length, address: `${local}@${domain}` };
  }
}

/**
 * The name of a mailbox in front of an @; empty if there is none. Some characters that RFC 5322 allows there are
 * left out, as in texts they rather stand around an address than in it.
 */
function localBefore(text: string, at: number): string {
  const before = text.slice(Math.max(0, at - longestLocal - 1), at);
  const [local = ''] = /[\w.+%'~-]*$/.exec(before) ?? [];
  // Not an address: a path, a name and password in a URL (`https://name:password@host`), or `@name@host` (Mastodon).
  if (/[/@]$|:\/\/\S*$/.test(before.slice(0, before.length - local.length))) return '';
  const name = local.replace(/^[^\w+]+/, '');
  return name.length > longestLocal || name.endsWith('.') || name.includes('..') ? '' : name;
}

/** The domain that begins here: labels of letters, digits and dashes, the last one a word; empty if there is none. */
function domainBehind(text: string, from: number): string {
  const [run = ''] = /^[\p{Script=Latin}\p{Nd}.-]*/u.exec(text.slice(from, from + longestDomain + 2)) ?? [];
  const domain = run.replace(/[.-]+$/, '');
  const labels = domain.split('.');
  const last = labels.at(-1) ?? '';
  const isDomain = labels.length > 1 && domain.length <= longestDomain && labels.every(isLabel);
  return isDomain && /^(?:xn--[\w-]+|\p{L}{2,24})$/u.test(last) && !fileTypes.has(last.toLowerCase())
    ? domain
    : '';
}

function isLabel(label: string): boolean {
  return label !== '' && label.length <= 63 && !label.startsWith('-') && !label.endsWith('-');
}
