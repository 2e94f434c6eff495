import { hash } from 'node:crypto';

/** V8 takes the length of a string that is longer than this for its hash, so that all of one length collide. */
const longestHashed = 16_383;

/** A key by which a text is found in a map or set in the same time, however long it is. */
export function keyOf(text: string): string {
  return text.length > longestHashed ? hash('sha256', text, 'base64') : text;
}

/** These texts, each once. */
export function distinct(texts: Iterable<string>): string[] {
  const found = new Map<string, string>();
  for (const text of texts) {
    const key = keyOf(text);
    if (!found.has(key)) found.set(key, text);
  }
  return [...found.values()];
}
