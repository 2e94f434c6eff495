/** The members of a JSON object in their order: keys decoded, values as the text they were written in. */
export type Members = readonly (readonly [key: string, json: string])[];

/**
 * Splits the text of a JSON object into its members without turning the values into anything, so that large
 * numbers and the order of keys survive.
 *
 * @throws SyntaxError when the text is not a JSON object
 */
export function objectMembers(text: string): Members {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SyntaxError('not a JSON object');
  const members: [string, string][] = [];
  // JSON.parse has accepted the text, so only the ends of top-level keys and values are looked for.
  const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]/gs;
  let depth = 0;
  let key = '';
  let start = 0;
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    const symbol = found[0];
    if (symbol === '{' || symbol === '[') depth++;
    if (depth === 1 && symbol === ':') {
      key = JSON.parse(text.slice(start, found.index)) as string;
    } else if (depth === 1 && (symbol === ',' || symbol === '}')) {
      const json = text.slice(start, found.index).trim();
      if (json !== '') members.push([key, json]);
    }
    if (depth === 1 && (symbol === ':' || symbol === ',' || symbol === '{')) start = found.index + 1;
    if (symbol === '}' || symbol === ']') depth--;
  }
  return members;
}
