import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { stat, unlink } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { BusyError, OutputError, errorCode, systemReason } from './errors.ts';

/** A lock on an output file. It ends with `release` or with the process, even with one that is killed. */
export interface Lock {
  /** May be called more than once. */
  readonly release: () => void;
}

/** Milliseconds to wait for an answer. A running process answers within one, a starved one later, a stopped one (SIGSTOP) never. */
const answerTime = 5000;

/** Each try can fail because the holder ends in the middle of it. */
const tries = 5;

/**
 * Locks an output file against other processes, other threads and other calls in this one. It is meant for files that are
 * written and then renamed, not for pipes and devices, which may have many writers. It keeps no process alive.
 *
 * The lock is a listening socket: Node has no flock, and the system closes a socket with its process. The socket's name is
 * made from the device and inode of the directory and the name of the file, which is no symbolic link (`outputTarget`).
 *
 * The lock does not see runs on other machines that share a network file system, nor runs in a container with its own
 * network. Any user of the machine can take the name. On Windows and macOS two spellings of a file name (case, accents)
 * count as two files. On systems other than Linux and Windows the socket is a file in the temporary directory. It stays
 * when its process is killed, and the next run removes it: runs with different temporary directories do not see one
 * another, and of several runs that start at the same moment after a kill, two can get the lock.
 *
 * @throws BusyError when another run holds it, with its process id if it answers within five seconds
 * @throws OutputError when the directory cannot be read or no socket can be opened
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

/** Bytes of a socket's name on Linux, and of its path on macOS. */
const linuxName = 108;
const longestPath = 103;

/**
 * The name of the socket. It is hexadecimal, as Windows and macOS ignore case.
 *
 * @throws OutputError when the directory cannot be read
 */
export async function lockName(path: string): Promise<string> {
  const directory = await stat(dirname(path), { bigint: true }).catch((error: unknown) => {
    throw new OutputError(`${path}: cannot be written: ${systemReason(error)}`);
  });
  const key = `${directory.dev}:${directory.ino}:${basename(path)}`;
  const name = `urlmill-${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
  // Node 20 pads an abstract name to its full length and later versions do not, so a shorter name would differ between them.
  if (process.platform === 'linux') return `\0${name}`.padEnd(linuxName, '\0');
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  // The system silently cuts a path that is too long.
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
    // The other side may never close.
    socket.destroySoon();
  });
  // Errors after the start concern single connections that could not be accepted.
  server.on('error', () => {});
  server.unref();
  try {
    // Otherwise the workers of a cluster would share the socket.
    server.listen({ path: name, exclusive: true });
    await once(server, 'listening');
    return server;
  } catch (error) {
    if (errorCode(error) === 'EADDRINUSE') return null;
    throw new OutputError(`${path}: cannot be locked against other runs: ${errorCode(error)}`);
  }
}

/** The holder's process id; or it accepts and sends nothing, refuses, or has just ended. */
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
