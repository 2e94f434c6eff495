import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { stat, unlink } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { BusyError, OutputError, errorCode, systemReason } from '../shared/errors.ts';

/** Holds an output file for this process until `release` or until the process dies, however it dies. */
export interface Lock {
  /** Can be called again. */
  readonly release: () => void;
}

/** Milliseconds. A process that runs answers in one; one that is stopped never does. */
const answerTime = 1000;

/** A holder that ends between two steps of ours costs one try. */
const tries = 5;

/**
 * Takes a file that is written and then renamed into place, or says who has it: another process, another thread or
 * another call in this one. It is not for pipes and devices, which many may write to. It keeps no process alive.
 *
 * The lock is a listening socket, since Node has no flock and the system takes a socket away with its process. Its
 * name is made of the directory, however that was reached, and the file's name. A symbolic link is a file of its own
 * here, since renaming replaces the link.
 *
 * Not seen are runs on another machine that share a network file system, and runs in a container with a network of its
 * own. Any user of the machine can take the name. On Windows and macOS two spellings of one file name (case, accents)
 * are two files here. On systems that are neither Linux nor Windows the socket is a file in the temporary directory,
 * which stays when its process is killed and is removed by the next run: runs with different temporary directories do
 * not see one another, and of several that start in the same moment after a kill, two can get the lock.
 *
 * @throws BusyError naming the pid of the process that holds it, unless that does not answer within a second
 * @throws OutputError when the directory cannot be read or the system gives no socket
 */
export async function lockOutput(path: string): Promise<Lock> {
  const name = await lockName(path);
  for (let i = 0; i < tries; i++) {
    const server = await listenAt(name, path);
    if (server !== null) return { release: () => void server.close() };
    const answer = await askHolder(name);
    if (typeof answer === 'number') throw busy(path, ` (process ${answer})`);
    if (answer === 'silent') break;
    if (answer === 'refused' && isFile(name)) await unlink(name).catch(() => {});
  }
  throw busy(path, '');
}

/** Bytes of a socket's name on Linux, and what macOS has for a path. */
const linuxName = 108;
const longestPath = 103;

/**
 * The socket's name. Windows and macOS make no difference between small and capital letters, so it is hexadecimal.
 *
 * @throws OutputError when the directory cannot be read
 */
export async function lockName(path: string): Promise<string> {
  const directory = await stat(dirname(path), { bigint: true }).catch((error: unknown) => {
    throw new OutputError(`${path}: cannot be written: ${systemReason(error)}`);
  });
  const key = `${directory.dev}:${directory.ino}:${basename(path)}`;
  const name = `urlmill-${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
  // Node 20 fills up an abstract name, later ones do not: unless it is full, they would not see one another.
  if (process.platform === 'linux') return `\0${name}`.padEnd(linuxName, '\0');
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  // A name that is too long would be cut without a word.
  const inTemporary = join(tmpdir(), name);
  return Buffer.byteLength(inTemporary) > longestPath ? join('/tmp', name) : inTemporary;
}

function isFile(name: string): boolean {
  return !name.startsWith('\0') && !name.startsWith('\\');
}

/** Null when the name is taken. */
async function listenAt(name: string, path: string): Promise<Server | null> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.unref();
    socket.end(`${process.pid}\n`);
    // Whoever connects may never close.
    socket.destroySoon();
  });
  // Later ones tell of a connection that could not be taken.
  server.on('error', () => {});
  server.unref();
  try {
    // The workers of a cluster would share one that is not exclusive.
    server.listen({ path: name, exclusive: true });
    await once(server, 'listening');
    return server;
  } catch (error) {
    if (errorCode(error) === 'EADDRINUSE') return null;
    throw new OutputError(`${path}: cannot be locked against other runs: ${errorCode(error)}`);
  }
}

/** The holder's pid; or it takes connections and says nothing, takes none, or went away just now. */
type Answer = number | 'silent' | 'refused' | 'gone';

function askHolder(name: string): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect(name);
    const done = (answer: Answer): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(answerTime, () => done('silent'));
    socket.on('data', (data) => {
      const [, pid] = /^(\d{1,10})\n$/.exec(data.toString('latin1')) ?? [];
      done(pid === undefined ? 'silent' : Number(pid));
    });
    socket.on('error', (error) => done(errorCode(error) === 'ECONNREFUSED' ? 'refused' : 'gone'));
    socket.on('close', () => done('gone'));
  });
}

function busy(path: string, who: string): BusyError {
  return new BusyError(`${path}: another run${who} is writing it; wait for its end, or name another file`);
}
