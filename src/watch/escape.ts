/**
 * Text that came from the network or a file, made fit for a terminal and a mail: control characters and those that
 * turn the direction of writing become \u escapes, and what is over-long is cut.
 */
export function printable(text: string, longest = 300): string {
  const escaped = text.replaceAll(
    /[\p{Cc}\p{Cf}\u2028\u2029\p{Cs}]/gu,
    (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
  // A character beyond the Basic Multilingual Plane is not cut in half.
  const end = /[\ud800-\udbff]/.test(escaped[longest - 1] ?? '') ? longest - 1 : longest;
  return escaped.length > longest ? `${escaped.slice(0, end)}…` : escaped;
}

/**
 * A URL without its credentials, in any text that may hold one. Of the scheme only the last character is looked at: a
 * search for its beginning would start anew at every dot of a long text, and take the square of its length.
 */
export function withoutCredentials(text: string): string {
  return text.replaceAll(/(?<=[a-z0-9+.-]:\/\/)[^\s/?#]*@/gi, '');
}
