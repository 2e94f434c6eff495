/** Digests by which a page is compared with others. Plain data, and little, as it is kept for many pages. */
export interface Likeness {
  /** Two hashes of its words: without the requested URL, and also without that URL's last part. None without a body. */
  readonly words: readonly string[];
  /** Hash of its title, without the URL and its last part. */
  readonly title: string;
  /** The smallest hashes of its places (adjacent words), sorted: they tell how much two pages have in common. */
  readonly sketch: Uint32Array;
}

/** Least share of all their places that two pages must have in common: dates, advertisements or hints may differ. */
const leastShared = 0.9;

/** Pages with fewer places than this are not measured: a single other word would count too much. */
const leastPlaces = 30;

/** Whether two pages are the same but for small differences; null when one of them is not known. */
export function isAlike(one: Likeness, other: Likeness): boolean | null {
  if (one.words.length === 0 || other.words.length === 0) return null;
  if (one.words.some((hash, i) => hash === other.words[i])) return true;
  const isMeasured = Math.min(one.sketch.length, other.sketch.length) >= leastPlaces;
  return isMeasured && one.title === other.title && sharedPart(one.sketch, other.sketch) >= leastShared;
}

/** The Jaccard index of the places of two pages, estimated from the smallest hashes in both sketches (Broder 1997). */
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
