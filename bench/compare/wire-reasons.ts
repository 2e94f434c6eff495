const cut = 'what the server cut is never reported as good (contract)';
const curlStrict = 'curl refuses it, Chromium reads it';
const noAnswer = 'Chromium waits for the end of the connection';

/** Why urlmill differs from another client, by the beginning of a case's name. */
const reasons: Readonly<Record<string, string>> = {
  'status-line-6-': curlStrict,
  'status-line-7-': noAnswer,
  'status-line-11-': noAnswer,
  'status-line-17-': 'Chromium and curl refuse a NUL wherever it stands; in the reason it harms no one',
  'status-line-18-': 'four digits are no status; Chromium takes the first of them for one',
  'status-line-19-': 'two digits are no status',
  'status-line-20-': 'four digits are no status',
  'status-line-21-': 'no status at all: Chromium assumes 200',
  'status-line-22-': 'no status at all: Chromium assumes 200',
  'status-line-23-': 'there is no such version; Chromium takes it for HTTP/1.0',
  'status-line-25-': 'Chromium takes what is no HTTP/1 for HTTP/0.9',
  'status-line-': curlStrict,
  'header-': 'curl refuses a line without a colon, Chromium leaves it out',
  'length-6-': 'Chromium knows no `+42` and waits for the end of the connection; curl reads it',
  'length-10-': 'two lengths that differ: a reader cannot know the end; curl takes the last',
  'length-11-': 'two lengths that differ: a reader cannot know the end; curl takes the last',
  'length-14-': 'curl takes the digits before the point',
  'length-15-': 'curl takes the 0 before the x',
  'length-': 'Chromium waits for the end of the connection; curl takes the leading digits',
  'framing-4-': 'curl reads as many bytes as Content-Length tells',
  'framing-6-2': 'said to be chunked, and is not: an error for the others',
  'framing-18-1': 'curl does not know a name with a blank behind it; Chromium reads the chunks',
  'framing-18-2': 'said to be chunked, and is not: an error for Chromium too',
  'framing-': 'curl refuses transfer codings that it does not know',
  'chunks-7-': 'Chromium allows blanks behind a size, but no tab',
  'chunks-22-': 'curl ignores what follows the digits; Chromium refuses it',
  'chunks-23-': 'curl ignores what follows the digits; Chromium refuses it',
  'chunks-29-': curlStrict,
  'line-ends-11-': 'the head is never ended: browsers and curl take it for one without a body',
  'coding-5-': 'Chromium leaves the body as it is',
  'coding-23-': 'a second member is part of the file (RFC 1952); Chromium drops it',
  'coding-24-': cut,
  'coding-25-': cut,
  'coding-26-': cut,
  'coding-27-': 'the checksum is wrong; Chromium does not look at it',
  'coding-': curlStrict,
  'location-5-': 'the same URL again: Chromium calls it a loop too; curl takes `#` for a part of the path',
  'location-15-': 'curl sends bytes as they came, browsers percent-encode them',
  'location-16-': 'curl sends bytes as they came, browsers percent-encode them',
  'location-17-': 'curl sends bytes as they came, browsers percent-encode them',
  'location-21-': 'Chromium percent-encodes `|` in a path; the URL Standard does not',
  'location-26-': 'Chromium refuses two that differ; curl takes the first',
  'location-': 'curl reads a URL by rules of its own, browsers by the URL Standard',
  'before-12-': 'an unasked 101: Chromium reads on behind it, curl gives it as the answer',
  'before-13-': 'an unasked 101: Chromium reads on behind it, curl gives it as the answer',
  'before-': 'curl takes what is no HTTP/1 for HTTP/0.9, which it refuses',
  'statuses-': 'below 100 there is no status',
  'whole-21-': 'a byte order mark: curl refuses it, Chromium reads over it',
  'whole-': cut,
};

/** @returns an empty text if nobody has explained the difference yet */
export function reasonOf(name: string): string {
  return Object.entries(reasons).find(([start]) => name.startsWith(start))?.[1] ?? '';
}

/** Whether urlmill reports an error on purpose where both others have a page. */
export function isWilled(name: string): boolean {
  return reasonOf(name) === cut || name.startsWith('line-ends-11-');
}
