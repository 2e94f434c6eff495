import { readJson } from './json-mending.ts';
import { isoDate } from './iso-date.ts';
import { isJsonLd } from './jsonld.ts';
import { Reader } from './reader.ts';
import type { Attributes, HtmlExtractor } from './reader.ts';

/**
 * When the page was published, in the form of ISO 8601. The first of these that is a date counts: `datePublished`
 * of JSON-LD, of articles before other items; meta elements, in the order of `metaNames`; a `time` or `abbr`
 * element that is marked as the date of publication; the first `time` within the first article. A date without its
 * day counts only if there is no whole one.
 */
export const published: HtmlExtractor = {
  tags: ['meta', 'script', 'time', 'abbr', 'article'],
  read: () => new PublishedReader(),
};

/** Names of meta elements (`property`, `name` or `itemprop`), the most exact first, as `plainName` writes them. */
const metaNames = (
  'article.publishedtime og.article.publishedtime og.publishedtime datepublished ' +
  'citationpublicationdate citationonlinedate citationdate parselypubdate sailthru.date ' +
  'dcterms.issued dc.date.issued dcterms.created dc.date.created dcterms.date dc.date ' +
  'pubdate publishdate publisheddate publicationdate date'
).split(' ');

const ranks = {
  article: 0,
  otherItem: 1,
  meta: 2,
  saidTime: 2 + metaNames.length,
  timeInArticle: 3 + metaNames.length,
};

/** JSON-LD nested deeper than this describes something else than the page. */
const deepest = 8;

class PublishedReader extends Reader {
  #best: Ranked = { rank: Infinity, date: '' };
  #script = false;
  /** The rank of the open `time` element whose text is its date; null: there is none. */
  #time: number | null = null;
  #timeText = '';
  /** How many articles are open; -1: the first one has ended. */
  #articles = 0;

  open(name: string, tag: Attributes): void {
    if (name === 'meta') this.#meta(tag);
    else if (name === 'time') this.#openTime(tag);
    else if (name === 'abbr') this.#abbr(tag);
    else if (name === 'article') {
      if (this.#articles >= 0) this.#articles++;
    } else this.reading = this.#script = isJsonLd(tag);
  }

  override close(name: string): void {
    if (name === 'article') {
      if (this.#articles > 0 && --this.#articles === 0) this.#articles = -1;
    } else if (name === 'time' && this.#time !== null) {
      this.#offer(this.#time, this.#timeText);
      this.#time = null;
    }
    this.#script = false;
    this.reading = this.#time !== null;
  }

  /** @param text the whole content of a script, or a piece of that of a `time` element */
  override text(text: string): void {
    if (!this.#script) this.#timeText += text;
    else {
      try {
        for (const { rank, date } of datesIn(readJson(text).value, 0)) this.#offer(rank, date);
      } catch {
        // No JSON.
      }
    }
  }

  value(): string {
    return this.#best.date;
  }

  #meta(tag: Attributes): void {
    for (const attribute of ['property', 'name', 'itemprop']) {
      const rank = metaNames.indexOf(plainName(tag.attribute(attribute) ?? ''));
      if (rank !== -1) this.#offer(ranks.meta + rank, tag.attribute('content') ?? '');
    }
  }

  #openTime(tag: Attributes): void {
    const isSaid = tag.attribute('pubdate') !== null || isDatePublished(tag);
    if (!isSaid && (this.#articles <= 0 || tag.attribute('itemprop') !== null)) return;
    const rank = isSaid ? ranks.saidTime : ranks.timeInArticle;
    const written = tag.attribute('datetime') ?? tag.attribute('content');
    if (written !== null) return this.#offer(rank, written);
    this.#time = rank;
    this.#timeText = '';
    this.reading = true;
  }

  /** In the microformat hAtom, and in blogs of Blogger, the `title` of an `abbr` is the date. */
  #abbr(tag: Attributes): void {
    const isSaid = isDatePublished(tag) || /(?:^|\s)published(?:\s|$)/.test(tag.attribute('class') ?? '');
    if (isSaid) this.#offer(ranks.saidTime, tag.attribute('title') ?? '');
  }

  /** Takes a date if it is better than the one so far. */
  #offer(rank: number, written: string): void {
    const date = isoDate(written);
    if (date === null) return;
    // A date without its day ranks after all whole dates.
    const order = date.length < 'YYYY-MM-DD'.length ? rank + 100 : rank;
    if (order < this.#best.rank) this.#best = { rank: order, date };
  }
}

/** One spelling for names that are written in many ways, such as `DC.date.issued` and `dc:date:issued`. */
function plainName(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(':', '.')
    .replaceAll(/[-_\t\n\f\r ]/g, '');
}

function isDatePublished(tag: Attributes): boolean {
  return /\bdatePublished\b/i.test(tag.attribute('itemprop') ?? '');
}

interface Ranked {
  /** The date with the lowest rank counts. */
  readonly rank: number;
  readonly date: string;
}

/** The dates of the items that describe the page: the outermost ones, those of a graph, and their main entities. */
function* datesIn(value: unknown, depth: number): Generator<Ranked> {
  if (depth > deepest || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) yield* datesIn(item, depth + 1);
    return;
  }
  const item = value as Readonly<Record<string, unknown>>;
  const [date] = textOf(item['datePublished']);
  if (date !== undefined) yield { rank: isArticle(item['@type']) ? ranks.article : ranks.otherItem, date };
  for (const key of ['@graph', 'mainEntity', 'mainEntityOfPage']) yield* datesIn(item[key], depth + 1);
}

/** The texts in a value of JSON-LD: a string, the `@value` of an object, or those of a list. */
function textOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textOf);
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null && '@value' in value ? textOf(value['@value']) : [];
}

function isArticle(type: unknown): boolean {
  return [type].flat().some((name) => typeof name === 'string' && /(?:Article|Posting|Report)$/.test(name));
}
