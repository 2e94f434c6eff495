import type { Result, Value, Values } from '../../shared/records.ts';
import { percentDecoded } from './target.ts';

/** The secrets to hide in texts about one row. Plain data, so that they can be sent to another thread. */
export interface SecretParams {
  /** Names of query parameters. */
  readonly names: readonly string[];
  /** Their values in the row's own URL, in each form in which they may be written elsewhere. */
  readonly forms: readonly string[];
}

/** A shorter value is hidden only behind its name: too many texts hold the same letters by chance. */
const shortestValue = 8;

/** A query, in a URL or in a text with URLs. */
const queries = /\?[^\s"'<>\\#]*/g;

/**
 * @param names names of query parameters, decoded @param url the row's own URL; others may follow after a
 * blank
 */
export function secretParams(names: readonly string[], url: string): SecretParams {
  const pairs = [...url.matchAll(queries)].flatMap(([query]) => query.slice(1).split('&'));
  const values = pairs.filter((pair) => isSecret(pair, names)).map((pair) => pair.slice(nameEnd(pair) + 1));
  const forms = values.flatMap(formsOf).filter((form) => form.length >= shortestValue);
  const longestFirst = [...new Set(forms)].toSorted((a, b) => b.length - a.length);
  return { names, forms: longestFirst };
}

/**
 * How a value may be written elsewhere. A plus is a space only in queries that forms send, and a site that asks for a
 * login puts the whole URL into a parameter of another one.
 */
function formsOf(value: string): string[] {
  const plain = [percentDecoded(value), percentDecoded(value.replaceAll('+', ' '))];
  const encoded = plain.map(encodeURIComponent);
  const ofForms = encoded.map((text) => text.replaceAll('%20', '+'));
  return [value, ...plain, ...encoded, ...ofForms, encodeURIComponent(value)];
}

/** The text without the secret parameters; their values, where they stand alone, become `***`. */
export function withoutSecrets(text: string, { names, forms }: SecretParams): string {
  let hidden = text;
  for (const form of forms) hidden = hidden.replaceAll(form, '***');
  return hidden.replaceAll(queries, (query) => {
    // In HTML, the separator may be written as a reference.
    const pairs = query.slice(1).split(/&(?:amp;)?/);
    const others = pairs.filter((pair) => !isSecret(pair, names));
    if (others.length === pairs.length) return query;
    return others.length === 0 ? '' : `?${others.join('&')}`;
  });
}

/** The query of a URL, or of a path, with nothing but secret parameters; empty without any. */
export function secretQuery(url: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const [query = ''] = url.match(queries) ?? [];
  const secrets = query
    .slice(1)
    .split('&')
    .filter((pair) => isSecret(pair, names));
  return secrets.length === 0 ? '' : `?${secrets.join('&')}`;
}

/** A result without the secrets in it, as it may be written. */
export function resultWithoutSecrets(result: Result, names: readonly string[]): Result {
  const secrets = secretParams(names, result.row.url);
  return {
    ...result,
    url: withoutSecrets(result.url, secrets),
    detail: withoutSecrets(result.detail, secrets),
    redirects: result.redirects.map(({ url, ...hop }) => ({ ...hop, url: withoutSecrets(url, secrets) })),
    values: withoutSecretsIn(result.values, secrets),
    rows: result.rows?.map((values) => withoutSecretsIn(values, secrets)) ?? null,
    next: withoutSecrets(result.next, secrets),
    pagesBefore: result.pagesBefore.map((page) => resultWithoutSecrets(page, names)),
  };
}

function withoutSecretsIn(values: Values, secrets: SecretParams): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, valueWithoutSecrets(value, secrets)]),
  );
}

function valueWithoutSecrets(value: Value, secrets: SecretParams): Value {
  if (typeof value === 'string') return withoutSecrets(value, secrets);
  if (value === null || value === undefined || typeof value === 'boolean') return value;
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const plain: unknown = typeof value === 'object' ? JSON.parse(text) : value;
  const shown = partWithoutSecrets(plain, secrets);
  // Where nothing was hidden, the value stays as it was, including the digits of its numbers.
  return JSON.stringify(shown) === JSON.stringify(plain) ? value : (shown as Value);
}

/** @param part of a value, as JSON has it */
function partWithoutSecrets(part: unknown, secrets: SecretParams): unknown {
  if (typeof part === 'string') return withoutSecrets(part, secrets);
  if (typeof part === 'number') {
    const shown = withoutSecrets(String(part), secrets);
    return shown === String(part) ? part : shown;
  }
  if (Array.isArray(part)) return part.map((element) => partWithoutSecrets(element, secrets));
  if (typeof part !== 'object' || part === null) return part;
  const entries = Object.entries(part).map(([key, element]) => [
    withoutSecrets(key, secrets),
    partWithoutSecrets(element, secrets),
  ]);
  return Object.fromEntries(entries) as unknown;
}

function isSecret(pair: string, names: readonly string[]): boolean {
  return names.includes(percentDecoded(pair.slice(0, nameEnd(pair)).replaceAll('+', ' ')));
}

function nameEnd(pair: string): number {
  const end = pair.indexOf('=');
  return end === -1 ? pair.length : end;
}
