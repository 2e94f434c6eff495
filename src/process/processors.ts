import type { Options } from '../options/table.ts';
import type { FindNext, Processor } from '../shared/records.ts';
import { bodyProcessor } from './body.ts';
import { chosenExtractors } from './extractors.ts';
import { jsonProcessor } from './json.ts';
import { loadModule } from './module.ts';
import { regexProcessor } from './regex.ts';
import { headerProcessor } from './response-header.ts';

/** The options that say which values are taken from responses. */
export type ProcessOptions = Pick<
  Options,
  | 'extract'
  | 'select'
  | 'xpath'
  | 'json'
  | 'regex'
  | 'responseHeader'
  | 'body'
  | 'module'
  | 'moduleOption'
  | 'next'
  | 'prefix'
>;

/** Picks these options, to be sent to a thread. */
export function processOptionsOf(options: ProcessOptions): ProcessOptions {
  const { extract, select, xpath, json, regex, responseHeader, body, module, moduleOption } = options;
  const { next, prefix } = options;
  return { extract, select, xpath, json, regex, responseHeader, body, module, moduleOption, next, prefix };
}

/**
 * The function that finds the next page; null without `--next`.
 *
 * @throws UsageError for an invalid expression or selector
 */
export async function findNextOf({ next }: ProcessOptions): Promise<FindNext | null> {
  return next === undefined ? null : (await import('./next.ts')).nextFinder(next);
}

/**
 * The processors that the options ask for, and so their columns, in the order of the option table.
 *
 * @throws UsageError for an unknown extractor, an invalid expression, or a module that cannot be loaded
 */
export async function processorsOf(options: ProcessOptions): Promise<Processor[]> {
  const { extract, select, xpath, json, regex, responseHeader, body, module, moduleOption, prefix } = options;
  const chosen = extract === undefined ? [] : await chosenExtractors(extract, prefix);
  // Loaded only when needed: an HTML parser takes 20 ms to load.
  const selecting = select.length === 0 ? [] : [(await import('./select.ts')).selectProcessor(select)];
  return [
    ...chosen,
    ...selecting,
    ...(xpath.length === 0 ? [] : [(await import('./xpath.ts')).xpathProcessor(xpath)]),
    ...(json.length === 0 ? [] : [jsonProcessor(json)]),
    ...(regex.length === 0 ? [] : [regexProcessor(regex)]),
    ...(responseHeader.length === 0 ? [] : [headerProcessor(responseHeader)]),
    ...(body === undefined ? [] : [bodyProcessor(body)]),
    ...(module === undefined ? [] : [await loadModule(module, moduleOption)]),
  ];
}
