import type { Tool } from './machine.ts';

/** What every scenario gets. */
export interface Bench {
  /** A folder for everything that is written; it is removed at the end of the run. */
  readonly dir: string;
  /** The Node that runs urlmill and the peers written for Node. */
  readonly node: string;
  /** The command under test. */
  readonly cli: string;
  readonly rounds: number;
  /** Number of URLs from --urls; undefined for the scenario's own number. */
  readonly urls: number | undefined;
  log(text: string): void;
}

export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A target: the measured value and the needed one. */
export interface Check {
  readonly what: string;
  readonly measured: string;
  readonly needed: string;
  readonly ok: boolean;
}

export interface Findings {
  readonly tables: readonly Table[];
  readonly checks: readonly Check[];
  /** The command lines by contestant. */
  readonly commands: readonly (readonly [name: string, command: readonly string[]])[];
  readonly notes?: readonly string[];
}

export interface Scenario {
  readonly name: string;
  /** One sentence for the head of the report. */
  readonly about: string;
  /**
   * Programs and packages it needs. Their versions are reported; a missing one is an error, unless it is
   * optional (machine.ts).
   */
  readonly tools: readonly Tool[];
  readonly rounds: number;
  run(bench: Bench): Promise<Findings>;
}

export const atLeast = (what: string, value: number, needed: number, unit = ''): Check => ({
  what,
  measured: `${figure(value)}${unit}`,
  needed: `≥ ${figure(needed)}${unit}`,
  ok: value >= needed,
});

export const atMost = (what: string, value: number, needed: number, unit = ''): Check => ({
  what,
  measured: `${figure(value)}${unit}`,
  needed: `≤ ${figure(needed)}${unit}`,
  ok: value <= needed,
});

const figure = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(2));
