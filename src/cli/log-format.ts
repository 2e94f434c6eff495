import type { ConfigFile } from '../options/config-file.ts';
import type { LogFormat } from '../watch/log.ts';
import { subCommandOf } from './commands.ts';
import { lastSaid } from './last-said.ts';

/**
 * The format of all that goes to standard error. Errors in the options are written in it too, so it is found before they are
 * parsed. Of a sub-command, only the command line counts, and only if it has --log-format.
 *
 * @param config is read only when neither command line nor environment gives a format
 */
export function logFormatOf(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  config: ConfigFile | null,
): LogFormat {
  const sub = subCommandOf(argv);
  const said = lastSaid(argv, 'log-format');
  const all = sub === null ? (said ?? environment['URLMILL_LOG_FORMAT'] ?? config?.value('logFormat')) : said;
  const isOption = sub === null || sub.groups.some(({ options }) => 'logFormat' in options);
  return all === 'json' && isOption ? 'json' : 'text';
}
