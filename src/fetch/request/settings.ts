import { UsageError } from '../../shared/errors.ts';
import { checkHeader } from '../../options/checks.ts';
import { optionFile } from '../../options/option-file.ts';
import type { requestOptions, ValuesOf } from '../../options/table.ts';
import { homepage, version } from '../../shared/version.ts';
import type { RequestSettings } from './request.ts';

type RequestOptions = ValuesOf<typeof requestOptions>;

/**
 * What the options say of every request, with the files that they name.
 *
 * @throws UsageError when a file cannot be read, a header in it is none, or two options contradict each other
 */
export function requestSettings(options: RequestOptions): RequestSettings {
  if (options.data !== undefined && options.dataFile !== undefined) {
    throw new UsageError('--data and --data-file cannot both be the body of a request');
  }
  const headers = options.header.flatMap(headerLines).map(splitHeader);
  if (headers.filter(([name]) => /^host$/i.test(name)).length > 1) {
    throw new UsageError('--header: a request has one Host header only');
  }
  const data =
    options.dataFile === undefined ? (options.data ?? null) : optionFile('--data-file', options.dataFile);
  return {
    method: options.method?.toUpperCase() ?? (data === null ? 'GET' : 'POST'),
    headers,
    userAgent: options.userAgent ?? `urlmill/${version} (+${homepage})`,
    data,
  };
}

function headerLines(said: string): string[] {
  if (!said.startsWith('@')) return [said];
  const path = said.slice(1);
  const lines = optionFile('--header', path).toString().split(/\r?\n/);
  return lines.flatMap((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return [];
    try {
      if (line.startsWith('@')) throw new RangeError('a header "Name: value" is needed');
      checkHeader(line);
    } catch (error) {
      if (error instanceof RangeError)
        throw new UsageError(`--header: ${path}: line ${index + 1}: ${error.message}`);
      throw error;
    }
    return [line];
  });
}

function splitHeader(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
}
