let lastTime = Number.NaN;
let lastText = '';
let lastSecond = Number.NaN;
let untilSecond = '';

/** A time as UTC in ISO 8601. Remembers the last text, as many rows share a millisecond, and its part up to the second. */
export function isoTime(at: number): string {
  if (at !== lastTime) {
    lastTime = at;
    const second = Math.floor(at / 1000);
    if (second !== lastSecond) {
      lastSecond = second;
      // `2026-01-31T12:00:00.`
      untilSecond = new Date(second * 1000).toISOString().slice(0, -4);
    }
    lastText = `${untilSecond}${String(Math.floor(at) - second * 1000).padStart(3, '0')}Z`;
  }
  return lastText;
}
