/**
 * `JSON.parse` that keeps the digits of large numbers: they become strings.
 *
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  const data: unknown = JSON.parse(text);
  return mayHaveLargeNumber.test(text) ? JSON.parse(withLargeNumbersQuoted(text)) : data;
}

const mayHaveLargeNumber = /\d{16}|\d[eE]\+?\d{3}/;

/**
 * Makes strings of integers beyond 2^53, as some identifiers are, which would lose digits as numbers, and of numbers that
 * are too large for JavaScript (`1e400`).
 */
function withLargeNumbersQuoted(json: string): string {
  return json.replaceAll(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/gs, (token) => {
    if (token.startsWith('"')) return token;
    const isLarge = /^-?\d{16,}$/.test(token)
      ? !Number.isSafeInteger(Number(token))
      : !Number.isFinite(Number(token));
    return isLarge ? `"${token}"` : token;
  });
}
