/**
 * The URL of the largest image of a `srcset` (HTML Standard, "parse a srcset attribute"), by width or by density; null
 * without one. data: URLs are skipped: they are placeholders until a script puts in others.
 */
export function largestOf(srcset: string): string | null {
  let largest: string | null = null;
  let most = -1;
  const candidate = /[\t\n\f\r ,]*([^\t\n\f\r ]+)/y;
  const descriptors = /(?:[^,(]+|\([^)]*\)?)*/y;
  for (let found = candidate.exec(srcset); found !== null; found = candidate.exec(srcset)) {
    const [, word = ''] = found;
    const url = word.replace(/,+$/, '');
    let size = 1;
    if (url === word) {
      descriptors.lastIndex = candidate.lastIndex;
      size = sizeIn(descriptors.exec(srcset)?.[0] ?? '');
      candidate.lastIndex = descriptors.lastIndex;
    }
    if (size > most && url !== '' && !/^data:/i.test(url)) {
      most = size;
      largest = url;
    }
  }
  return largest;
}

/** `800w` or `2x`; without one of them a density of 1. */
function sizeIn(descriptors: string): number {
  const [, number] = /(?:^|[\t\n\f\r ])(\d+w|\d+(?:\.\d+)?x|\.\d+x)(?:[\t\n\f\r ]|$)/.exec(descriptors) ?? [];
  return number === undefined ? 1 : Number(number.slice(0, -1));
}
