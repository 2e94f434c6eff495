import type { ResponsePage } from '../../page/page.ts';
import type { Asked, OnAnswer } from '../../shared/asked.ts';
import { receivedPage } from './sent-page.ts';
import type { SentAnswer, SentAsk } from './thread-messages.ts';

/** Sends requests of the pages in this thread (`page.fetch`) to the main thread, which makes them. */
export class SentAsks {
  readonly #send: (message: SentAsk) => void;
  readonly #waiting = new Map<number, OnAnswer<ResponsePage>>();
  #nextId = 0;

  constructor(send: (message: SentAsk) => void) {
    this.#send = send;
  }

  /**
   * @param page the id of the page
   * @returns stops waiting for the answer; the main thread need not be told, as it notices when the page is done
   * @throws DataCloneError when `asked` is not plain data
   */
  send(page: number, asked: Asked, onAnswer: OnAnswer<ResponsePage>): () => void {
    const id = this.#nextId++;
    this.#send({ kind: 'ask', page, id, asked });
    this.#waiting.set(id, onAnswer);
    return () => void this.#waiting.delete(id);
  }

  take({ id, response }: SentAnswer): void {
    const onAnswer = this.#waiting.get(id);
    this.#waiting.delete(id);
    onAnswer?.('error' in response ? response : receivedPage(response));
  }
}
