/** The members of a JSON object in order: keys decoded, values as JSON text. */
export type Members = readonly (readonly [key: string, json: string])[];

/**
 * Splits the text of a JSON object into its members and leaves the values as text, so that large numbers and the order of
 * keys survive.
 *
 * @throws SyntaxError when the text is not a JSON object
 */
export function objectMembers(text: string): Members {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SyntaxError('not a JSON object');
  const members: [string, string][] = [];
  // JSON.parse has checked the text, so it is enough to find the ends of top-level keys and values.
  let depth = 0;
  let key = '';
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const symbol = text[at];
    if (symbol === '"') at = stringEnd(text, at);
    if (symbol === '{' || symbol === '[') depth++;
    if (depth === 1 && symbol === ':') {
      key = JSON.parse(text.slice(start, at)) as string;
    } else if (depth === 1 && (symbol === ',' || symbol === '}')) {
      const json = text.slice(start, at).trim();
      if (json !== '') members.push([key, json]);
    }
    if (depth === 1 && (symbol === ':' || symbol === ',' || symbol === '{')) start = at + 1;
    if (symbol === '}' || symbol === ']') depth--;
  }
  return members;
}

/** Index of the quote that closes the string which opens at `open`. */
function stringEnd(text: string, open: number): number {
  for (let quote = text.indexOf('"', open + 1); ; quote = text.indexOf('"', quote + 1)) {
    let escapes = 0;
    while (text[quote - 1 - escapes] === '\\') escapes++;
    if (quote === -1 || escapes % 2 === 0) return quote === -1 ? text.length : quote;
  }
}
