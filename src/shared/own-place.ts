import { isAbsolute, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of our own code. */
const ours = new URL('..', import.meta.url).href;

/** A line of a stack: `at name (file:///a/b.mjs:3:7)`, `at file:///a/b.mjs:3:7`, of a CommonJS file `at name (/a/b.cjs:3:7)`. */
const frame = /^ {4}at (?:.* \()?(?:async )?((?:file:|\/|[a-z]:\\).*?:\d+:\d+)\)?$/gim;

/** Where a SyntaxError is, which stands above its name: `file:///a/b.mjs:3`. */
const heading = /^(?:file:|\/|[a-z]:\\).*:\d+$/im;

/** The message of an error, and in brackets where it is (`ownPlace`). */
export function messageWithPlace(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = ownPlace(error);
  return place === null ? error.message : `${error.message} (${place})`;
}

/**
 * The innermost place of the user's own code in the stack of an error, neither of a package nor of urlmill:
 * `lib/price.mjs:12:5`, as seen from the working directory. Null when there is none.
 */
export function ownPlace({ stack = '', message }: Error): string | null {
  // The message is in the stack too, and may hold text from a page that looks like a line of it.
  const start = stack.indexOf(message);
  if (start === -1) return null;
  const [above] = heading.exec(stack.slice(0, start)) ?? [];
  if (above !== undefined) return shown(above);
  for (const [, place = ''] of stack.slice(start + message.length).matchAll(frame)) {
    if (!place.startsWith(ours) && !/[\\/]node_modules[\\/]/.test(place)) return shown(place);
  }
  return null;
}

/** The place with its path as seen from the working directory, if it is in there. */
function shown(place: string): string {
  const [, file = '', position = ''] = /^(.*?)((?::\d+)+)$/s.exec(place) ?? [];
  const path = file.startsWith('file:') ? fileURLToPath(file) : file;
  const near = relative(process.cwd(), path);
  return (near.startsWith('..') || isAbsolute(near) ? path : near) + position;
}
