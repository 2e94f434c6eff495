import { UsageError } from '../shared/errors.ts';
import { parseNext } from '../options/checks.ts';
import { headerLinks } from '../shared/link-header.ts';
import type { FindNext, Page, Processor, Value, Values } from '../shared/records.ts';
import { Resolver } from './html/resolver.ts';
import { jsonProcessor } from './json.ts';

/**
 * Makes the function that finds the URL of the next page (`--next`).
 *
 * @throws UsageError for an invalid expression or selector
 */
export async function nextFinder(said: string): Promise<FindNext> {
  const { by, text } = parseNext(said);
  const find = by === 'header' ? inHeader : await valueFinder(by, text);
  return (page) => {
    // The links of an error page do not lead on to more results.
    if (page.status < 200 || page.status > 299) return null;
    const url = urlIn(find(page), said);
    return url === '' || url.startsWith('#') ? null : url;
  };
}

/** The target of `rel=next` in the header Link (RFC 8288); links of other pages (with an `anchor`) do not count. */
function inHeader({ headerValues }: Page): Value {
  return headerLinks(headerValues('link')).find(({ types }) => types.includes('next'))?.target;
}

async function valueFinder(by: string, text: string): Promise<(page: Page) => Value> {
  try {
    if (by === 'json') return valueOf(jsonProcessor([`next=${text}`]), text);
    // Loaded only when needed: an HTML parser takes 20 ms to load.
    const { selectProcessor } = await import('./select.ts');
    return linkOf(selectProcessor([`next=${text}`, 'base=base@href']), text);
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(ofNext(error, text)) : error;
  }
}

function valueOf(processor: Processor, text: string): (page: Page) => Value {
  return (page) => valuesOf(processor, page, text)['next'];
}

/** A link of HTML is relative to the base of its document. */
function linkOf(processor: Processor, text: string): (page: Page) => Value {
  return (page) => {
    const { next, base } = valuesOf(processor, page, text);
    if (typeof next !== 'string' || /^\s*(?:#|$)/.test(next)) return null;
    const href = typeof base === 'string' ? base : null;
    return new Resolver(page.url, href, page.body.length, page.charset).resolve(next);
  };
}

function valuesOf(processor: Processor, page: Page, text: string): Values {
  try {
    return processor.process(page) as Values;
  } catch (error) {
    if (error instanceof Error) error.message = ofNext(error, text);
    throw error;
  }
}

/** Rewrites an error message of `--json` or `--select` as one of `--next`. */
function ofNext({ message }: Error, text: string): string {
  const named = message.replace(/^--(?:json|select):? /, '--next: ');
  return named.replace(`--next: next=${text}: `, '--next: ').replace('--next: next: ', '--next: ');
}

/** The URL in a value or the first item of a list; empty for null, undefined and false. @throws TypeError for others */
function urlIn(value: Value, said: string): string {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (first === undefined || first === null || first === false) return '';
  if (typeof first === 'string') return first.trim();
  throw new TypeError(`--next ${said}: it gives no URL but ${JSON.stringify(first).slice(0, 100)}`);
}
