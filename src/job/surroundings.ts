import type { Summary } from '../watch/summary.ts';
import type { Output } from '../write/output.ts';

/** What a run is given by the command or the library. */
export interface JobSurroundings {
  /** Makes the output for a run without `--output`. */
  readonly withoutFile: () => Output;
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Gets texts for people that concern the whole run. They may hold text from the network. */
  readonly onNotice?: ((text: string) => void) | undefined;
  /** Gets what a module prints. */
  readonly onPrint: (text: Uint8Array | string, stream: string) => void;
  /** Gets the figures, with `--summary -`. */
  readonly onSummary: (summary: Summary) => void;
}
