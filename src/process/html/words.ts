import { ofText } from './text.ts';

/** The number of words in the text of the page. */
export const words = ofText(wordsIn);

const chinese = String.raw`\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}`;

/** A word: the characters between spaces, from the first letter or digit on; in Chinese and Japanese, each letter. */
const word = new RegExp(
  String.raw`(?![${chinese}])[\p{L}\p{N}][^\s${chinese}]*|(?=[\p{L}\p{N}])[${chinese}]`,
  'gu',
);

/**
 * Counts words as most programs do: all characters between two spaces are a word if one is a letter or digit.
 * Chinese and Japanese have no spaces, so each of their letters counts, as in word processors. Intl.Segmenter
 * knows the words of more languages, but takes 50 times as long.
 */
function wordsIn(text: string): number {
  let count = 0;
  word.lastIndex = 0;
  while (word.test(text)) count++;
  return count;
}
