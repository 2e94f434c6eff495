import type { Options } from '../options/table.ts';
import type { Processor } from '../shared/records.ts';
import { bodyText } from './body.ts';
import { chosenExtractors } from './extractors.ts';
import { queried } from './json.ts';
import { loadModule } from './module.ts';
import { matched } from './regex.ts';
import { responseHeaders } from './response-header.ts';

/** The options that say what is taken out of responses. */
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
  | 'prefix'
>;

/** Those options alone. */
export function processOptionsOf(options: ProcessOptions): ProcessOptions {
  const { extract, select, xpath, json, regex, responseHeader, body, module, moduleOption, prefix } = options;
  return { extract, select, xpath, json, regex, responseHeader, body, module, moduleOption, prefix };
}

/**
 * All that the options take out of responses, in the order of the option table: so are the columns.
 *
 * @throws UsageError for what is none, cannot be compiled or cannot be loaded
 */
export async function processorsOf(options: ProcessOptions): Promise<Processor[]> {
  const { extract, select, xpath, json, regex, responseHeader, body, module, moduleOption, prefix } = options;
  const chosen = extract === undefined ? [] : await chosenExtractors(extract, prefix);
  // Loaded only when asked for: an HTML parser takes 20 ms.
  const selecting = select.length === 0 ? [] : [(await import('./select.ts')).selected(select)];
  return [
    ...chosen,
    ...selecting,
    ...(xpath.length === 0 ? [] : [(await import('./xpath.ts')).queriedByXpath(xpath)]),
    ...(json.length === 0 ? [] : [queried(json)]),
    ...(regex.length === 0 ? [] : [matched(regex)]),
    ...(responseHeader.length === 0 ? [] : [responseHeaders(responseHeader)]),
    ...(body === undefined ? [] : [bodyText(body)]),
    ...(module === undefined ? [] : [await loadModule(module, moduleOption)]),
  ];
}
