/**
 * The last value of an option on the command line, even if other arguments are wrong; undefined when there is none.
 * This file must load on any Node that knows modules.
 *
 * @param flag without dashes
 */
export function lastSaid(argv: readonly string[], flag: string): string | undefined {
  const end = argv.indexOf('--');
  const words = end === -1 ? argv : argv.slice(0, end);
  const values = words.flatMap((word, index) => {
    if (word === `--${flag}`) return words[index + 1] ?? [];
    return word.startsWith(`--${flag}=`) ? word.slice(flag.length + 3) : [];
  });
  return values[values.length - 1];
}
