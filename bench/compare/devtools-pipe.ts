import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** A message from Chromium: an answer has the `id` of its command, an event has a `method`. */
interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Chrome DevTools Protocol over `--remote-debugging-pipe`: JSON messages that each end with a NUL, sent to
 * the browser's file descriptor 3 and received from its descriptor 4.
 */
export class DevtoolsPipe {
  /** Called for every event. */
  onEvent: (method: string, params: unknown) => void = () => {};
  /** Called when nothing more will come, because the browser has ended or does not start. */
  onGone: (error: Error) => void = () => {};
  readonly #commands: Writable;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  /** The parts so far of a message whose end has not come yet. */
  #pieces: string[] = [];

  constructor(browser: ChildProcess) {
    this.#commands = browser.stdio[3] as Writable;
    const answers = browser.stdio[4] as Readable;
    answers.setEncoding('utf8');
    answers.on('data', (text: string) => {
      this.#read(text);
    });
    const gone = (): void => {
      this.#end(new Error('Chromium has gone'));
    };
    answers.on('close', gone);
    this.#commands.on('error', gone);
    browser.once('error', (error) => {
      this.#end(new Error(`Chromium does not start: ${error.message}`));
    });
  }

  /** @returns the command's result, in the form that the protocol's documentation describes */
  async send<Result = unknown>(method: string, params: object = {}, sessionId?: string): Promise<Result> {
    const id = ++this.#lastId;
    const answer = new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    this.#commands.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return (await answer) as Result;
  }

  #read(text: string): void {
    const parts = text.split('\0');
    const rest = parts.pop() ?? '';
    for (const part of parts) {
      this.#pieces.push(part);
      const message = this.#pieces.join('');
      this.#pieces = [];
      this.#take(JSON.parse(message) as Message);
    }
    if (rest !== '') this.#pieces.push(rest);
  }

  #take({ id, method, params, result, error }: Message): void {
    if (id === undefined) {
      this.onEvent(method ?? '', params);
      return;
    }
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(`Chromium: ${error.message}`));
  }

  #end(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.onGone(error);
  }
}
