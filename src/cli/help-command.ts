import type { OptionTable } from '../options/table.ts';
import type { Call } from './call.ts';
import type { CommandLine } from './command-line.ts';
import { exitCodes } from './exit-codes.ts';
import { helpText, noTopic, topicText } from './help.ts';
import type { CommandLines } from './help.ts';

/** The sub-command `help`. @throws UsageError for an unknown topic */
export async function help(
  { operands: [topic], print, page }: Call<OptionTable>,
  line: CommandLine,
  commands: CommandLines,
): Promise<number> {
  await print(
    topic === undefined
      ? helpText(line, commands, page)
      : (topicText(topic, line, commands, page) ?? noTopic(topic, line, commands)),
  );
  return exitCodes.done.code;
}
