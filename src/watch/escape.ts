/**
 * Makes text from the network or a file safe to print on a terminal or send by mail: control and format characters, which
 * can also change the direction of text, become \u escapes. A longer text than `longest` UTF-16 units is cut.
 */
export function printable(text: string, longest = 300): string {
  const escaped = text.replaceAll(
    /[\p{Cc}\p{Cf}\u2028\u2029\p{Cs}]/gu,
    (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
  // Never cut between the halves of a surrogate pair.
  const end = /[\ud800-\udbff]/.test(escaped[longest - 1] ?? '') ? longest - 1 : longest;
  return escaped.length > longest ? `${escaped.slice(0, end)}…` : escaped;
}
