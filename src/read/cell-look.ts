import { cellsSeen } from './url-column.ts';
import { looksLikeUrl } from '../shared/url-like.ts';

/** Looks at the first cells of a column that the user named: it is used in any case, with a notice if none is a URL. */
export class CellLook {
  readonly #told: (text: string) => void;
  readonly #column: string;
  #left = cellsSeen;

  constructor(column: string, told: (text: string) => void) {
    this.#column = column;
    this.#told = told;
  }

  add(cell: string): void {
    if (this.#left === 0 || cell.trim() === '') return;
    this.#left = looksLikeUrl(cell) ? 0 : this.#left - 1;
    if (this.#left === 0 && !looksLikeUrl(cell)) this.#tell(cellsSeen);
  }

  /** To be called when no more cells come. */
  end(): void {
    if (this.#left > 0 && this.#left < cellsSeen) this.#tell(cellsSeen - this.#left);
    this.#left = 0;
  }

  #tell(count: number): void {
    const which = count === 1 ? 'the only cell' : `none of the first ${count} cells`;
    this.#told(`--url-column ${this.#column}: ${which} looks like a URL`);
  }
}
