import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { InputError, UsageError, errorCode } from '../shared/errors.ts';
import type { Table } from '../shared/records.ts';
import { version } from '../shared/version.ts';
import { unreadable } from '../read/source.ts';
import type { JobIdentity } from '../write/job-identity.ts';
import type { Lane } from './pieces.ts';

/**
 * The content of job.json: all that machines must agree on. It is written last, so whoever reads it finds the pieces
 * there.
 */
export interface JobFile {
  /** The version of the format of this file, and of the folder. */
  readonly format: typeof jobFormat;
  /** An id that no other job has, fit for the name of a file. */
  readonly id: string;
  /** The version of urlmill that has submitted the job. */
  readonly version: string;
  /** When the job was submitted: UTC, ISO 8601. */
  readonly submittedAt: string;
  /**
   * The options that differ from their defaults, by their names in the option table. Files are absolute paths, which
   * each worker reads on its own machine.
   */
  readonly options: Readonly<Record<string, unknown>>;
  /** Identifies the list and the files that options name. Its `options` are empty, as the options stand above. */
  readonly identity: JobIdentity;
  /** The columns of the list. */
  readonly table: Table;
  /** Whether the list is JSON Lines, so that some of its rows may be good for one output format only. */
  readonly isJson: boolean;
  /** Names of the processors' columns. */
  readonly processed: readonly string[];
  readonly laneBy: 'host' | 'domain';
  /** How many lanes there are, including those without rows. */
  readonly laneCount: number;
  /** Rows of a piece; the last piece of a lane may have fewer. */
  readonly pieceRows: number;
  /** Whether pieces are compressed. */
  readonly compressed: boolean;
  /** Rows in all. */
  readonly rows: number;
  /** Comment lines of the list. */
  readonly comments: number;
  /** The lanes that have rows, by number. */
  readonly lanes: readonly Lane[];
}

export const jobFormat = 1;

export function jobFileOf(folder: string): string {
  return join(folder, 'job.json');
}

/** @returns null when there is no job @throws InputError when it cannot be read */
export async function readJobFile(folder: string): Promise<JobFile | null> {
  const path = jobFileOf(folder);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw unreadable(path, error);
  }
  const job = parsed(text);
  if (job === null) throw new InputError(`${path}: is damaged, or is no job of urlmill`);
  if (job.format !== jobFormat || minor(job.version) !== minor(version)) {
    throw new UsageError(
      `${path}: is of urlmill ${job.version}, and this is ${version}; use the same version on all machines`,
    );
  }
  return job;
}

function parsed(text: string): JobFile | null {
  try {
    const value: unknown = JSON.parse(text);
    return isJobFile(value) ? value : null;
  } catch {
    return null;
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** Checks those fields that would do harm unnoticed if they were wrong. */
function isJobFile(value: unknown): value is JobFile {
  if (typeof value !== 'object' || value === null) return false;
  const {
    version: made,
    format,
    id,
    options,
    identity,
    table,
    pieceRows,
    rows,
    lanes,
  } = value as Partial<JobFile>;
  if (typeof made !== 'string' || !isCount(format)) return false;
  if (format !== jobFormat) return true;
  if (typeof id !== 'string' || !/^[\w-]+$/.test(id)) return false;
  if (typeof options !== 'object' || options === null || !Array.isArray(table?.names)) return false;
  if (!Array.isArray(identity?.inputs)) return false;
  if (!isCount(pieceRows) || pieceRows === 0 || !isCount(rows) || !Array.isArray(lanes)) return false;
  const counted = (lanes as Partial<Lane>[]).map((lane) => (isCount(lane.lane) ? lane.rows : undefined));
  return counted.every(isCount) && counted.reduce((sum, count) => sum + count, 0) === rows;
}

/** The version without its patch number: patch versions write the same rows. */
function minor(of: string): string {
  return of.split('.').slice(0, 2).join('.');
}
