const [space, tab, cr] = [0x20, 0x09, 0x0d];

// An expression for the end of a text looks again from each blank of a long row of them: a head could take minutes.

/** What stands between two positions, without the blanks around it. */
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
