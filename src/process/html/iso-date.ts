import { collapsed } from './characters.ts';

/** Characters of the longest date in any of the forms below. */
const longest = 80;

const zone = String.raw`(?: ?(?<zone>Z|(?:GMT|UTC|UT)?[+-]\d\d(?::?\d\d)?|GMT|UTC|UT|CES?T|[ECMP][SD]T))?(?: \([^()]*\))?`;
const time = String.raw`(?<hour>\d{1,2}):(?<minute>\d\d)(?::(?<second>\d\d)(?<fraction>[.,]\d{1,9})?)?(?: ?(?<half>[ap])\.?m\.?)?${zone}`;
const clock = `(?:(?:T|,? (?:at )?)${time})?`;
const weekday = String.raw`(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? )?`;
const name = String.raw`(?<name>[a-z]{3,9})\.?`;
const day = String.raw`(?<day>\d{1,2})(?:st|nd|rd|th)?`;

const forms = [
  String.raw`(?<year>\d{4})(?<sign>[-/.])(?<month>\d{1,2})\k<sign>(?<day>\d{1,2})${clock}`,
  String.raw`(?<year>\d{4})(?:[-/](?<month>\d\d))?`,
  String.raw`(?<year>\d{4})(?<month>\d\d)(?<day>\d\d)(?:T?(?<hour>\d\d)(?<minute>\d\d)(?<second>\d\d)?${zone})?`,
  // RFC 5322, section 3.3, and the same with the month first.
  String.raw`${weekday}${day}[ -]${name},?[ -](?<year>\d{4})${clock}`,
  String.raw`${weekday}${name} ${day},? (?<year>\d{4})${clock}`,
  // As asctime() of C writes it.
  String.raw`${weekday}${name} ${day} ${time} (?<year>\d{4})`,
  String.raw`(?<first>\d{1,2})(?<sign>[-/.])(?<other>\d{1,2})\k<sign>(?<year>\d{4})${clock}`,
  String.raw`(?<epoch>\d{10}|\d{13})`,
].map((form) => new RegExp(`^${form}$`, 'i'));

type Parts = Readonly<Record<string, string | undefined>>;

/**
 * A date in the form of ISO 8601, with as much of it as is written: `2024`, `2024-05`, `2024-05-01`, `2024-05-01T10:00+02:00`.
 * Nothing is converted: the time stays that of its zone, and has none where none is written. Besides ISO 8601 it reads
 * RFC 5322 (`Wed, 1 May 2024 10:00:00 +0200`), English names of months, digits with the year first or last, and seconds
 * since 1970.
 *
 * @returns null for what is no date, or has more than one meaning, like `01/05/2024`
 */
export function isoDate(written: string): string | null {
  if (written.length > 4 * longest) return null;
  const text = collapsed(written);
  if (text.length > longest) return null;
  for (const form of forms) {
    const parts = form.exec(text)?.groups;
    if (parts !== undefined) return parts['epoch'] === undefined ? dateOf(parts) : ofEpoch(parts['epoch']);
  }
  return null;
}

function ofEpoch(digits: string): string {
  const milliseconds = digits.length === 10 ? 1000 * Number(digits) : Number(digits);
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
}

function dateOf(parts: Parts): string | null {
  const { year = '' } = parts;
  // Years like 0001 and 9999 stand for no date in some programs.
  if (year < '1000' || year > '2999') return null;
  const { month, day: dayOfMonth } = dayOf(parts);
  if (month === null) return null;
  if (month === undefined) return year;
  if (dayOfMonth === undefined) return month <= 12 && month > 0 ? `${year}-${padded(month)}` : null;
  const date = new Date(Date.UTC(Number(year), month - 1, dayOfMonth));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== dayOfMonth) return null;
  const behind = parts['hour'] === undefined ? '' : timeOf(parts);
  return behind === null ? null : `${year}-${padded(month)}-${padded(dayOfMonth)}${behind}`;
}

/** Month and day of the month, undefined where they are not written; the month is null where it cannot be told. */
function dayOf(parts: Parts): { readonly month?: number | null; readonly day?: number } {
  const { month, day: dayOfMonth, name: monthName, first, other, sign } = parts;
  if (monthName !== undefined) return { month: monthNumber(monthName), day: Number(dayOfMonth) };
  if (month !== undefined) {
    return dayOfMonth === undefined
      ? { month: Number(month) }
      : { month: Number(month), day: Number(dayOfMonth) };
  }
  if (first === undefined) return {};
  const [a, b] = [Number(first), Number(other)];
  // Wherever dates are written with dots, the day comes first.
  if (sign === '.' || a > 12 || a === b) return { month: b, day: a };
  return b > 12 ? { month: a, day: b } : { month: null };
}

const monthNames =
  'january february march april may june july august september october november december'.split(' ');

function monthNumber(said: string): number | null {
  const lower = said.toLowerCase().replace(/^sept$/, 'sep');
  const index = monthNames.findIndex((month) => lower === month || lower === month.slice(0, 3));
  return index === -1 ? null : index + 1;
}

/** The time with its `T`; null when there is no such time. */
function timeOf({
  hour = '',
  minute = '',
  second,
  fraction = '',
  half,
  zone: zoneName,
}: Parts): string | null {
  const hours = half === undefined ? Number(hour) : hourOfHalf(Number(hour), half);
  if (hours === null || hours > 23 || minute > '59' || (second ?? '') > '60') return null;
  const offset = zoneName === undefined ? '' : offsetOf(zoneName.toUpperCase());
  const seconds = second === undefined ? '' : `:${second}${fraction.replace(',', '.')}`;
  return `T${padded(hours)}:${minute}${seconds}${offset}`;
}

function hourOfHalf(hour: number, half: string): number | null {
  if (hour < 1 || hour > 12) return null;
  return (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
}

/** RFC 5322, section 4.3, and the zones of Central Europe. */
const offsets = new Map(
  Object.entries({ EST: -5, EDT: -4, CST: -6, CDT: -5, MST: -7, MDT: -6, PST: -8, PDT: -7, CET: 1, CEST: 2 }),
);

function offsetOf(zoneName: string): string {
  const named = offsets.get(zoneName);
  if (named !== undefined) return `${named < 0 ? '-' : '+'}${padded(Math.abs(named))}:00`;
  const [, hours, minutes = '00'] = /([+-]\d\d):?(\d\d)?$/.exec(zoneName) ?? [];
  return hours === undefined ? 'Z' : `${hours}:${minutes}`;
}

function padded(number: number): string {
  return String(number).padStart(2, '0');
}
