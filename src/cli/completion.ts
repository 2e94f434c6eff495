import type { CommandLine } from './command-line.ts';
import { completed } from './completed.ts';
import type { Completed } from './completed.ts';
import { bashScript } from './completion-bash.ts';
import { fishScript } from './completion-fish.ts';
import { zshScript } from './completion-zsh.ts';
import { exitCodes } from './exit-codes.ts';

const scripts: Readonly<Record<string, (completed: Completed) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** Prints the script that makes a shell complete the command. */
export async function completion(
  {
    operands,
    print,
  }: { readonly operands: readonly string[]; readonly print: (text: string) => Promise<void> },
  main: CommandLine,
  commands: Readonly<Record<string, CommandLine>>,
): Promise<number> {
  await print(completionScript(operands[0] ?? '', main, commands));
  return exitCodes.done.code;
}

export function completionScript(
  shell: string,
  main: CommandLine,
  commands: Readonly<Record<string, CommandLine>>,
): string {
  const lines = Object.entries(commands).map(([name, line]) => [name, completed(line)]);
  const script = scripts[shell]?.({
    main: completed(main),
    commands: Object.fromEntries(lines) as Completed['commands'],
  });
  return script ?? '';
}
