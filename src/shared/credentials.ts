/**
 * Removes the credentials from all URLs in a text. The pattern matches only the last character of the scheme: a search for
 * its start would restart at every dot, and take time that grows with the square of the text.
 */
export function withoutCredentials(text: string): string {
  return text.replaceAll(/(?<=[a-z0-9+.-]:\/\/)[^\s/?#]*@/gi, '');
}

/** Removes credentials from one URL or URL template, with or without a scheme. */
export function withoutUserInfo(url: string): string {
  return withoutCredentials(url).replace(/^(\s*(?:[a-z][a-z0-9+.-]*:\/\/|https?:)?[/\\]*)[^/\\?#]*@/i, '$1');
}
