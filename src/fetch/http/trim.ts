const [space, tab, cr] = [0x20, 0x09, 0x0d];

// These are loops, as a regular expression for blanks at the end of a text tries again from each blank of a long
// row of them: one head could take minutes.

/** The text between two positions, without the blanks at its ends. */
export function withoutBlanks(text: string, from = 0, to = text.length): string {
  let [start, end] = [from, to];
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** A line without the CRs at its end. */
export function withoutCrs(line: string): string {
  let end = line.length;
  while (line.charCodeAt(end - 1) === cr) end--;
  return line.slice(0, end);
}

function isBlank(code: number): boolean {
  return code === space || code === tab;
}
