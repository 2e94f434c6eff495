import type { ConfigFile } from '../options/config-file.ts';
import type { LogFormat } from '../watch/log.ts';
import { subCommandOf } from './commands.ts';
import { lastSaid } from './last-said.ts';

/**
 * How all is to be told, errors in the options too, as far as that can be known then. To a sub-command that has the option, its
 * command line says it.
 *
 * @param config is read only where nothing else says it
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
