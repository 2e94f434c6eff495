import { decodedRawText, rawText } from './characters.ts';

/**
 * Elements whose content is text even where it looks like tags, and how that text is decoded. `noscript` is one of them
 * only if scripts run.
 */
export const rawTextElements: ReadonlyMap<string, (source: string) => string> = new Map([
  ['title', decodedRawText],
  ['textarea', decodedRawText],
  ['script', rawText],
  ['style', rawText],
  ['iframe', rawText],
  ['xmp', rawText],
  ['noembed', rawText],
  ['noframes', rawText],
  ['plaintext', rawText],
]);

/** The index of the element's end tag, for content that begins at `from`; without an end tag, the length of the page. */
export function endOfRawText(html: string, name: string, from: number): number {
  if (name === 'plaintext') return html.length;
  const end = endTag(html, name, from);
  return name === 'script' && html.slice(from, end).includes('<!--') ? endOfScript(html, from) : end;
}

function endTag(html: string, name: string, from: number): number {
  for (let at = html.indexOf('</', from); at !== -1; at = html.indexOf('</', at + 2)) {
    const end = at + 2 + name.length;
    // Any other character would belong to a longer name.
    if (/^[\t\n\f\r />]/.test(html.charAt(end)) && html.slice(at + 2, end).toLowerCase() === name) return at;
  }
  return html.length;
}

/** HTML Standard, "script data escaped state" and "double escaped state": a script in a comment in a script. */
function endOfScript(html: string, from: number): number {
  const signs = /<!--|-->|<\/?script(?=[\t\n\f\r />])/gi;
  let comment = false;
  let inner = false;
  signs.lastIndex = from;
  for (let sign = signs.exec(html); sign !== null; sign = signs.exec(html)) {
    const [text] = sign;
    if (text === '<!--') {
      comment = true;
      // `<!-->` is a whole comment: its dashes count twice.
      signs.lastIndex -= 2;
    } else if (text === '-->') {
      comment = false;
      inner = false;
    } else if (!text.startsWith('</')) inner = comment;
    else if (inner) inner = false;
    else return sign.index;
  }
  return html.length;
}
