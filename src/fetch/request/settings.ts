import { UsageError } from '../../shared/errors.ts';
import { checkHeader, plainHost } from '../../options/checks.ts';
import { optionFile } from '../../options/option-file.ts';
import type { requestOptions, ValuesOf } from '../../options/table.ts';
import { homepage, version } from '../../shared/version.ts';
import type { ChainCookies } from './chain-cookies.ts';
import { readCookies } from './cookie-file.ts';
import { readLogins } from './logins.ts';
import type { Logins } from './logins.ts';
import type { RequestSettings } from './request.ts';

type RequestOptions = ValuesOf<typeof requestOptions>;

/**
 * The settings that the options give for every request; reads the files that they name.
 *
 * @throws UsageError when a file cannot be read, a header in it is malformed, or two options contradict each other
 */
export function requestSettings(options: RequestOptions): RequestSettings {
  if (options.data !== undefined && options.dataFile !== undefined) {
    throw new UsageError('--data and --data-file cannot both be the body of a request');
  }
  if (
    options.head &&
    (options.method !== undefined || options.data !== undefined || options.dataFile !== undefined)
  ) {
    throw new UsageError('--head is a method of its own: leave out --method, --data and --data-file');
  }
  const lines = options.header.flatMap(headerLines);
  const headers = lines.filter(({ host }) => host === null).map(({ line }) => splitHeader(line));
  const hostHeaders = lines.flatMap(({ host, line }): (readonly [string, string, string])[] =>
    host === null ? [] : [[host, ...splitHeader(line)]],
  );
  if (headers.filter(([name]) => /^host$/i.test(name)).length > 1) {
    throw new UsageError('--header: a request has one Host header only');
  }
  const data =
    options.dataFile === undefined ? (options.data ?? null) : optionFile('--data-file', options.dataFile);
  return {
    method: options.head ? 'HEAD' : (options.method?.toUpperCase() ?? (data === null ? 'GET' : 'POST')),
    headers,
    hostHeaders,
    userAgent: options.userAgent ?? `urlmill/${version} (+${homepage})`,
    data,
  };
}

/** Logins and cookies that the user has given for single hosts. */
export interface HostSecrets {
  readonly logins: Logins | null;
  readonly cookies: ChainCookies | null;
}

/**
 * Reads the logins and cookies that the options name.
 *
 * @throws UsageError when a file cannot be read or understood
 */
export function hostSecrets({ netrc, cookies }: RequestOptions): HostSecrets {
  return {
    logins: readNamed('--netrc', netrc, readLogins),
    cookies: readNamed('--cookies', cookies, readCookies),
  };
}

function readNamed<T>(
  label: string,
  path: string | undefined,
  reader: (text: string, label: string) => T,
): T | null {
  return path === undefined ? null : reader(optionFile(label, path).toString(), `${label}: ${path}`);
}

/** A line of a header file that says for which host the lines below it are: `[api.example.org]`, `[*.example.org]`. */
const section = /^\[(\*\.)?([^\s[\]/:@*]+)\]$/;

interface HeaderLine {
  /** The host that it is for, as `RequestSettings.hostHeaders` has it; null: all. */
  readonly host: string | null;
  readonly line: string;
}

function headerLines(said: string): HeaderLine[] {
  if (!said.startsWith('@')) return [{ host: null, line: said }];
  const path = said.slice(1);
  const lines = optionFile('--header', path).toString().split(/\r?\n/);
  let host: string | null = null;
  return lines.flatMap((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return [];
    try {
      if (line.startsWith('@')) throw new RangeError('a header "Name: value" is needed');
      if (line.startsWith('[')) {
        host = sectionHost(line.trim());
        return [];
      }
      checkHeader(line);
    } catch (error) {
      if (error instanceof RangeError)
        throw new UsageError(`--header: ${path}: line ${index + 1}: ${error.message}`);
      throw error;
    }
    return [{ host, line }];
  });
}

function sectionHost(line: string): string {
  const [, wildcard = '', name = ''] = section.exec(line) ?? [];
  if (name === '') throw new RangeError('[HOST] or [*.DOMAIN] is needed');
  return wildcard + plainHost(name, line);
}

function splitHeader(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
}
