import type { Framing } from './framing.ts';

/** The head of a reply. */
export interface ReplyHead {
  readonly status: number;
  /** The words behind the status, a character per byte. */
  readonly reason: string;
  /** `1.1` */
  readonly version: string;
  /** Names and values in turn, a character per byte, without the blanks around values. */
  readonly fields: readonly string[];
  readonly framing: Framing;
  /** Whether it breaks HTTP/1.1, and is read as browsers do. */
  readonly isMended: boolean;
}

/** Why a reply cannot be read, in words. */
export interface HeadFault {
  readonly fault: string;
}
