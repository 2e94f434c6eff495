const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const day = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const longDay = '(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)';
const month = `(?<month>${months.join('|')})`;
const time = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`;

/** The three forms of a date that a recipient must know (RFC 9110, section 5.6.7); no others are accepted. */
const dateForms = [
  String.raw`^${day}, (?<day>\d\d) ${month} (?<year>\d{4}) ${time} GMT$`,
  String.raw`^${longDay}, (?<day>\d\d)-${month}-(?<year>\d\d) ${time} GMT$`,
  String.raw`^${day} ${month} (?<day>\d\d| \d) ${time} (?<year>\d{4})$`,
].map((form) => new RegExp(form));

/** Splits a field that came more than once. A comma after the name of a day belongs to a date. */
const values = new RegExp(String.raw`(?:[ \t]*(?:${day}|${longDay}),)?[^,]+`, 'g');

/** A RateLimit-Reset from this number on is a time, not a duration: second 1e9 was in 2001, 1e9 seconds are 31 years. */
const firstUnixTime = 1e9;

/** The two fields that say when to come back, as they were received; null: not there. */
export interface RetryHeaders {
  readonly retryAfter: string | null;
  readonly rateLimitReset: string | null;
}

/**
 * How long a server asks to wait, in milliseconds from now. Always an integer from 0 to `Number.MAX_SAFE_INTEGER`:
 * the caller decides what is too long.
 *
 * - Retry-After (RFC 9110, section 10.2.3): seconds, digits only, or a date; one in the past is 0.
 * - Without a usable one, RateLimit-Reset (draft-ietf-httpapi-ratelimit-headers up to version 6): seconds; many
 *   servers send Unix time instead, so numbers from 1e9 on are taken as that.
 * - Of several values the largest counts. What is malformed (`-5`, `1.5`, `1e12`, a date that does not exist) is
 *   ignored.
 *
 * @param now milliseconds since 1970
 * @returns null when nothing usable was said
 */
export function retryAfter(headers: RetryHeaders, now: number): number | null {
  return (
    largest(headers.retryAfter, (value) => seconds(value) ?? until(httpDate(value, now), now)) ??
    largest(headers.rateLimitReset, (value) => {
      const wait = seconds(value);
      return wait !== null && wait >= firstUnixTime * 1000 ? until(wait, now) : wait;
    })
  );
}

function largest(field: string | null, read: (value: string) => number | null): number | null {
  const waits = (field?.match(values) ?? []).map((value) => read(value.trim()));
  const usable = waits.filter((wait) => wait !== null);
  return usable.length === 0 ? null : Math.max(...usable);
}

/** Milliseconds. */
function seconds(value: string): number | null {
  return /^\d+$/.test(value) ? Math.min(Number(value) * 1000, Number.MAX_SAFE_INTEGER) : null;
}

function until(date: number | null, now: number): number | null {
  return date === null ? null : Math.max(date - now, 0);
}

/** Milliseconds since 1970. */
function httpDate(text: string, now: number): number | null {
  for (const form of dateForms) {
    const fields = form.exec(text)?.groups;
    if (fields !== undefined) return timestamp(fields, now);
  }
  return null;
}

function timestamp(fields: Readonly<Record<string, string>>, now: number): number | null {
  const [date, hour, minute, second, year] = ['day', 'hour', 'minute', 'second', 'year'].map((name) =>
    Number(fields[name]),
  ) as [number, number, number, number, number];
  // 60 is a leap second.
  if (hour > 23 || minute > 59 || second > 60) return null;
  const inYear = (fullYear: number): number | null => {
    const midnight = new Date(0).setUTCFullYear(fullYear, months.indexOf(fields['month'] ?? ''), date);
    // Date would take the 31st of a shorter month for a day of the next one.
    const exists = new Date(midnight).getUTCDate() === date;
    return exists ? midnight + ((hour * 60 + minute) * 60 + second) * 1000 : null;
  };
  if (fields['year']?.length === 4) return inYear(year);
  // Two digits: the last such year that is not more than 50 years away (RFC 9110, section 5.6.7).
  const horizon = new Date(now);
  const lastYear = horizon.getUTCFullYear() + 50;
  horizon.setUTCFullYear(lastYear);
  const latest = lastYear - ((lastYear - year) % 100);
  const found = inYear(latest);
  return found !== null && found > horizon.getTime() ? inYear(latest - 100) : found;
}
