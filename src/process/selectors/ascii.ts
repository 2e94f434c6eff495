/** Infra Standard, "ASCII lowercase": only ASCII letters change. */
export function asciiLower(text: string): string {
  return /[^\0-\u007f]/.test(text)
    ? text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())
    : text.toLowerCase();
}

export function equalsIgnoringCase(a: string, b: string): boolean {
  return a.length === b.length && (a === b || asciiLower(a) === asciiLower(b));
}
