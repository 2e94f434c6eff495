import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

// The compiled file is dist/bench/project.js.
const root = fileURLToPath(new URL('../../', import.meta.url));

export const fromRoot = (path: string): string => `${root}${path}`;

/** Debian's own interpreter, because Debian's aiohttp is installed for that one only. */
export const python = '/usr/bin/python3';

/** A peer written in Python stays in the source tree, one written in TypeScript is compiled to dist. */
export const peer = (name: string): string =>
  fromRoot(name.endsWith('.py') ? `bench/peers/${name}` : `dist/bench/peers/${name}`);

/** A command line as a reader can repeat it: without the places where this machine keeps things. */
export function shownCommand(command: readonly string[], node: string, temporary: string): string {
  return command
    .map((word) => (word === node ? 'node' : word.replace(`${temporary}/`, '').replace(root, '')))
    .map((word) => (word.startsWith('/') ? basename(word) : word))
    .map((word) => (/^[\w./:=@%,+-]+$/.test(word) ? word : `'${word}'`))
    .join(' ');
}
