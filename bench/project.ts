import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

// Relative to the compiled file, dist/bench/project.js.
const root = fileURLToPath(new URL('../../', import.meta.url));

export const fromRoot = (path: string): string => `${root}${path}`;

/** Debian's own interpreter, the only one for which Debian's aiohttp is installed. */
export const python = '/usr/bin/python3';

/** The script of a peer: Python runs from the source tree; TypeScript is compiled to dist. */
export const peer = (name: string): string =>
  fromRoot(name.endsWith('.py') ? `bench/peers/${name}` : `dist/bench/peers/${name}`);

/** A command line that a reader can repeat: without folders of this machine. */
export function shownCommand(command: readonly string[], node: string, temporary: string): string {
  return command
    .map((word) => (word === node ? 'node' : word.replace(`${temporary}/`, '').replace(root, '')))
    .map((word) => (word.startsWith('/') ? basename(word) : word))
    .map((word) => (/^[\w./:=@%,+-]+$/.test(word) ? word : `'${word}'`))
    .join(' ');
}
