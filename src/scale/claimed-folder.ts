import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

import { BusyError, UsageError, errorCode } from '../shared/errors.ts';
import { attempt } from '../shared/files.ts';
import { makeFolder } from '../shared/make-folder.ts';
import { writeWhole } from '../shared/whole-file.ts';
import { lockOutput } from '../shared/lock.ts';
import { commitFile } from './commit.ts';
import { jobFileOf } from './job-file.ts';
import type { JobFile } from './job-file.ts';

/** Names that a killed submit may have left in the folder. */
const ours = new Set(['submit.json', 'in', 'tmp', 'out', 'stats']);

/**
 * A folder in which a job is being made. Until the job is complete, `submit.json` marks the files as those of a
 * submit, so that what a killed submit has left is not mistaken for files of the user.
 */
export class ClaimedFolder {
  readonly #path: string;
  readonly #id = randomUUID();
  readonly #wasMissing: boolean;

  /**
   * Makes the folder if it is missing, and removes what a killed submit has left in it.
   *
   * @param work gets the folder, whose `in/` is empty then. When it fails, what was made is removed
   * @throws UsageError when something else is in it; BusyError when another submit is at work there; OutputError
   */
  static async claim<T>(path: string, work: (folder: ClaimedFolder) => Promise<T>): Promise<T> {
    const wasMissing = await attempt(path, () => makeFolder(path));
    const lock = await lockOutput(jobFileOf(path));
    try {
      const folder = new ClaimedFolder(path, wasMissing);
      await folder.#clear();
      return await folder.#tried(work);
    } finally {
      lock.release();
    }
  }

  private constructor(path: string, wasMissing: boolean) {
    this.#path = path;
    this.#wasMissing = wasMissing;
  }

  /** The folder for the pieces of the list. */
  get pieces(): string {
    return join(this.#path, 'in');
  }

  /** The id of the job: no other job has it. */
  get id(): string {
    return this.#id;
  }

  /**
   * Writes job.json, which makes the folder a job.
   *
   * @throws BusyError when another submit, on another machine for example, has taken over the folder meanwhile
   * @throws OutputError when the job cannot be written
   */
  async finish(job: JobFile): Promise<void> {
    const path = jobFileOf(this.#path);
    const whole = join(this.#path, 'tmp', `job-${this.#id}.json`);
    await attempt(path, async () => {
      for (const name of ['tmp', 'out', 'stats']) await mkdir(join(this.#path, name), { recursive: true });
      await writeWhole(whole, `${JSON.stringify(job, null, 2)}\n`, 0o666);
    });
    if (!(await this.#isMine()) || !(await commitFile(whole, path))) throw this.#taken();
    await rm(this.#claim, { force: true });
  }

  get #claim(): string {
    return join(this.#path, 'submit.json');
  }

  async #clear(): Promise<void> {
    const names = await attempt(this.#path, () => readdir(this.#path));
    // Temporary files of a submit that was killed before it had written `submit.json`.
    const begun = names.filter((name) => /^\.tmp-[\da-f-]{36}$/.test(name));
    const others = names.filter((name) => !begun.includes(name));
    const other = others.find((name) => !ours.has(name));
    if (other !== undefined || (others.length > 0 && !others.includes('submit.json'))) {
      throw new UsageError(
        `--job: ${this.#path} is not empty and holds no job (${other ?? others[0]}); name another folder`,
      );
    }
    const results = await readdir(join(this.#path, 'out')).catch(() => []);
    if (results.length > 0) {
      throw new UsageError(`--job: ${this.#path} holds results, but no job.json; name another folder`);
    }
    await attempt(this.#path, async () => {
      await writeWhole(this.#claim, JSON.stringify({ id: this.#id }), 0o666);
      for (const name of [...begun, 'in']) await rm(join(this.#path, name), { recursive: true, force: true });
      await mkdir(this.pieces);
    });
  }

  async #tried<T>(work: (folder: ClaimedFolder) => Promise<T>): Promise<T> {
    try {
      return await work(this);
    } catch (error) {
      if (await this.#isMine()) await this.#leave().catch(ignore);
      throw error;
    }
  }

  async #leave(): Promise<void> {
    for (const name of ours) await rm(join(this.#path, name), { recursive: true, force: true });
    if (this.#wasMissing) await rmdir(this.#path);
  }

  async #isMine(): Promise<boolean> {
    try {
      const claim = JSON.parse(await readFile(this.#claim, 'utf8')) as { id?: unknown };
      return claim.id === this.#id;
    } catch (error) {
      if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return false;
      throw error;
    }
  }

  #taken(): BusyError {
    return new BusyError(`--job: another submit has taken over ${this.#path}; wait for its end`);
  }
}

function ignore(): void {}
