import { UsageError } from '../shared/errors.ts';
import { parseNamed } from '../options/checks.ts';
import type { Page, Processor } from '../shared/records.ts';
import { compile } from './jmespath/compile.ts';
import type { Evaluate, Json } from './jmespath/values.ts';

/**
 * Fills the columns of `--json`: the results of JMESPath expressions on a JSON body.
 *
 * @throws UsageError for an invalid expression
 */
export function jsonProcessor(said: readonly string[]): Processor {
  const queries = said.map((text) => queryOf(text));
  return {
    columns: queries.map(({ name }) => name),
    process(page) {
      const data = jsonOf(page);
      if (data === undefined) return {};
      return Object.fromEntries(queries.map(({ name, evaluate }) => [name, valueOf(name, evaluate, data)]));
    },
  };
}

function queryOf(said: string): { readonly name: string; readonly evaluate: Evaluate } {
  const { name, text } = parseNamed(said);
  try {
    return { name, evaluate: compile(text) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--json: ${said}: ${reason}`);
  }
}

function valueOf(name: string, evaluate: Evaluate, data: Json): Json {
  try {
    return evaluate(data);
  } catch (error) {
    if (error instanceof Error) error.message = `--json ${name}: ${error.message}`;
    throw error;
  }
}

/**
 * The body as JSON, whatever its media type. Undefined when it is empty, or is not JSON and has another media type, as
 * an error page in HTML.
 *
 * @throws SyntaxError when it is not JSON though its media type says so, or it has no media type
 */
function jsonOf({ headers, text }: Page): Json | undefined {
  const body = text();
  if (body.trim() === '') return undefined;
  try {
    const data = JSON.parse(body) as Json;
    return hasLongNumber.test(body) ? (JSON.parse(withLongNumbersQuoted(body)) as Json) : data;
  } catch (error) {
    const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim() ?? '';
    if (type !== '' && !/[/+]json$/i.test(type)) return undefined;
    if (error instanceof Error) error.message = `--json: the body is not JSON: ${error.message}`;
    throw error;
  }
}

const hasLongNumber = /\d{16}/;

/** Makes strings of integers beyond 2^53, as some identifiers are: as numbers they would lose digits. */
function withLongNumbersQuoted(json: string): string {
  return json.replaceAll(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/gs, (token) =>
    /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
  );
}
