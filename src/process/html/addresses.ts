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
 * The e-mail addresses in a text, in order. Only as many characters around each @ are looked at as an address may have, so
 * it takes linear time.
 */
export function* addressesIn(text: string): Generator<FoundAddress> {
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    const local = localBefore(text, at);
    const domain = local === '' ? '' : domainBehind(text, at + 1);
    if (domain !== '') yield { at: at - local.length, address: `${local}@${domain}` };
  }
}

/**
 * What of the text in front of an @ is the name of a mailbox; empty if nothing is. Of the characters that RFC 5322 allows
 * there, those that rather stand around an address are left out.
 */
function localBefore(text: string, at: number): string {
  const before = text.slice(Math.max(0, at - longestLocal - 1), at);
  const [local = ''] = /[\w.+%'~-]*$/.exec(before) ?? [];
  // A path, a name and password in front of a host, or a name at a server (`@name@host`).
  if (/[/@]$|:\/\/\S*$/.test(before.slice(0, before.length - local.length))) return '';
  const name = local.replace(/^[^\w+]+/, '');
  return name.length > longestLocal || name.endsWith('.') || name.includes('..') ? '' : name;
}

/** The domain that begins here, of letters, digits and dashes, whose last label is a word; empty if there is none. */
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
