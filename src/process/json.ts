import { UsageError } from '../shared/errors.ts';
import { parseNamed } from '../options/checks.ts';
import { mediaTypeOf } from '../shared/media-type.ts';
import { parseJson } from '../shared/parse-json.ts';
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
      return Object.fromEntries(queries.map((query) => [query.name, valueOf(query, data)]));
    },
  };
}

interface Query {
  readonly name: string;
  readonly isList: boolean;
  readonly evaluate: Evaluate;
}

function queryOf(said: string): Query {
  const { name, isList, text } = parseNamed(said);
  try {
    return { name, isList, evaluate: compile(text) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--json: ${said}: ${reason}`);
  }
}

/** @param data undefined without JSON data */
function valueOf({ name, isList, evaluate }: Query, data: Json | undefined): Json {
  try {
    const value = data === undefined ? null : finite(evaluate(data));
    if (!isList || Array.isArray(value)) return value;
    return value === null ? [] : [value];
  } catch (error) {
    if (error instanceof Error) error.message = `--json ${name}: ${error.message}`;
    throw error;
  }
}

/** Replaces infinite numbers, such as a very large sum, which no output format can hold. */
function finite(value: Json): Json {
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
}

/**
 * The body as JSON, whatever its media type. Undefined when it is empty, or is not JSON and has another media type, as
 * an error page in HTML.
 *
 * @throws SyntaxError when it is not JSON though its media type says so, or it has no media type
 */
function jsonOf({ headers, jsonText }: Page): Json | undefined {
  const body = jsonText();
  if (body.trim() === '') return undefined;
  try {
    return parseJson(body) as Json;
  } catch (error) {
    const { type } = mediaTypeOf(headers['content-type'] ?? '');
    if (type !== '' && !/[/+]json$/.test(type)) return undefined;
    if (error instanceof Error) error.message = `--json: the body is not JSON: ${error.message}`;
    throw error;
  }
}
