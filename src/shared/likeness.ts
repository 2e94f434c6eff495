/** What tells of a page whether another one is the same. Plain data, and little, as it is kept for many pages. */
export interface Likeness {
  /** Hashes of its words, without the URL that was asked for, and also without its name; none when there was no body. */
  readonly words: readonly string[];
  /** Hash of its title, without both. */
  readonly title: string;
  /** The smallest hashes of what stands side by side in it, in order: of two pages they tell how much they have in common. */
  readonly sketch: Uint32Array;
}

/** What of a page may differ, as its date, advertisements or hints do: a part of what the two have together. */
const leastShared = 0.9;

/** Pages with fewer places than this are not measured: one word would be too much of them. */
const leastPlaces = 30;

/** Whether two pages are the same but for small differences; null when one of them is not known. */
export function isAlike(one: Likeness, other: Likeness): boolean | null {
  if (one.words.length === 0 || other.words.length === 0) return null;
  if (one.words.some((hash, i) => hash === other.words[i])) return true;
  const isMeasured = Math.min(one.sketch.length, other.sketch.length) >= leastPlaces;
  return isMeasured && one.title === other.title && sharedPart(one.sketch, other.sketch) >= leastShared;
}

/** The Jaccard index of what two sketches are of, by the smallest hashes of both (Broder 1997). */
function sharedPart(one: Uint32Array, other: Uint32Array): number {
  const most = Math.min(one.length, other.length);
  let [i, j, seen, both] = [0, 0, 0, 0];
  while (seen < most) {
    const a = one[i] ?? Infinity;
    const b = other[j] ?? Infinity;
    if (a === b) both++;
    if (a <= b) i++;
    if (b <= a) j++;
    seen++;
  }
  return both / most;
}
