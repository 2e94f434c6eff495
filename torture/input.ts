import { writeFile } from 'node:fs/promises';

/** Writes a list whose cells need quotes; some rows fail without a request (their scheme is ftp). */
export async function writeInput(path: string, origin: string, rows: number): Promise<void> {
  const lines = Array.from({ length: rows }, (_, index) => {
    const row = index + 1;
    return `${row},${makesRequest(row) ? origin : 'ftp://127.0.0.1'}/row/${row},${notes[row % notes.length]}\r\n`;
  });
  await writeFile(path, `id,url,note\r\n${lines.join('')}`);
}

export function makesRequest(row: number): boolean {
  return row % 97 !== 0;
}

/** Cells that a cut in the wrong place would break. */
const notes = ['plain', '"a, b"', '"two\nlines"', '"a ""quote"""', 'größer €', '', '"\r\n,"""'];
