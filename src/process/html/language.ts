import { eld } from 'eld/extrasmall';

import { ofText } from './text.ts';

/** The language of the page's text, as an ISO 639-1 code; empty for too little text, or if no guess is reliable. */
export const language = ofText(languageOf);

/** Characters of a text that are looked at. */
const longest = 65_536;

/** Pieces of a text by which it is judged, evenly spread, and their length: the detector reads no more of a piece. */
const pieces = 8;
const pieceLength = 400;

/** A piece with fewer letters is not judged: it may be in any language. */
const fewestLetters = 20;

/** The language that most pieces of the text are in: menus and code are often in another one than the page. */
function languageOf(text: string): string {
  const votes = new Map<string, number>();
  for (const piece of piecesOf(text.slice(0, longest))) {
    if (lettersIn(piece) < fewestLetters) continue;
    const found = eld.detect(piece);
    if (found.isReliable()) votes.set(found.language, (votes.get(found.language) ?? 0) + 1);
  }
  const [[best] = ['']] = [...votes].toSorted(([, a], [, b]) => b - a);
  return best;
}

function lettersIn(text: string): number {
  return text.match(/\p{L}/gu)?.length ?? 0;
}

function piecesOf(text: string): string[] {
  const count = Math.min(pieces, Math.max(1, Math.floor(text.length / pieceLength)));
  const step = count === 1 ? 0 : (text.length - pieceLength) / (count - 1);
  return Array.from({ length: count }, (_, index) => {
    const at = Math.round(index * step);
    return text.slice(at, at + pieceLength);
  });
}
