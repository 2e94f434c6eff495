import { standardDescriptor } from '../shared/output-target.ts';
import { version } from '../shared/version.ts';
import { openOutput } from '../write/open-output.ts';
import { descriptorOutput } from '../write/output.ts';
import type { Output } from '../write/output.ts';
import type { Surroundings } from './call.ts';

/**
 * Opens an output that is written from its beginning and never resumed.
 *
 * @param target what its name leads to (`outputTarget`)
 */
export async function openWholeOutput(
  target: string | number,
  standardOutput: Surroundings['standardOutput'],
  notice: (text: string) => void,
): Promise<Output> {
  if (target === standardDescriptor) return standardOutput();
  if (typeof target === 'number') return descriptorOutput(target);
  const { output } = await openOutput(target, { job: notResumed, resume: false, notice });
  if (output === null) throw new TypeError('an output without --resume was taken for whole');
  return output;
}

/** The job named in the journal: the same for all such outputs, as none is resumed and any other may replace its leftovers. */
const notResumed = { version, inputs: [], options: {}, contents: {} };
