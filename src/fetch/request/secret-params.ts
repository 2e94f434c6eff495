import type { Result, Value, Values } from '../../shared/records.ts';
import { percentDecoded } from './target.ts';

/** What is to be hidden in texts about one row. Plain data, so that it can be sent to another thread. */
export interface SecretParams {
  /** Names of query parameters. */
  readonly names: readonly string[];
  /** What stands behind them in the row's own URL, as it may be written elsewhere. */
  readonly forms: readonly string[];
}

/** A shorter value is hidden only behind its name: too many texts hold the same letters by chance. */
const shortestValue = 8;

/** A query, in a URL or in a text with URLs. */
const queries = /\?[^\s"'<>\\#]*/g;

/** @param names names of query parameters, decoded @param url the row's own URL */
export function secretParams(names: readonly string[], url: string): SecretParams {
  const pairs = [...url.matchAll(queries)].flatMap(([query]) => query.slice(1).split('&'));
  const values = pairs.filter((pair) => isSecret(pair, names)).map((pair) => pair.slice(nameEnd(pair) + 1));
  // A site that asks for a login puts the whole URL into a parameter of another one.
  const forms = values
    .filter((value) => value.length >= shortestValue)
    .flatMap((value) => {
      const plain = percentDecoded(value);
      return [value, plain, encodeURIComponent(plain), encodeURIComponent(value)];
    });
  const longestFirst = [...new Set(forms)].toSorted((a, b) => b.length - a.length);
  return { names, forms: longestFirst };
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

/** A result as it may be written. */
export function resultWithoutSecrets(result: Result, names: readonly string[]): Result {
  const secrets = secretParams(names, result.row.url);
  return {
    ...result,
    url: withoutSecrets(result.url, secrets),
    detail: withoutSecrets(result.detail, secrets),
    redirects: result.redirects.map(({ url, ...hop }) => ({ ...hop, url: withoutSecrets(url, secrets) })),
    values: withoutSecretsIn(result.values, secrets),
    rows: result.rows?.map((values) => withoutSecretsIn(values, secrets)) ?? null,
  };
}

function withoutSecretsIn(values: Values, secrets: SecretParams): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, valueWithoutSecrets(value, secrets)]),
  );
}

function valueWithoutSecrets(value: Value, secrets: SecretParams): Value {
  if (typeof value === 'string') return withoutSecrets(value, secrets);
  if (typeof value !== 'object' || value === null) return value;
  // Objects are written as JSON anyway.
  return JSON.parse(withoutSecrets(JSON.stringify(value), secrets)) as Value;
}

function isSecret(pair: string, names: readonly string[]): boolean {
  return names.includes(percentDecoded(pair.slice(0, nameEnd(pair)).replaceAll('+', ' ')));
}

function nameEnd(pair: string): number {
  const end = pair.indexOf('=');
  return end === -1 ? pair.length : end;
}
