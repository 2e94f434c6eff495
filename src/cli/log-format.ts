import type { ConfigFile } from '../options/config-file.ts';
import type { LogFormat } from '../watch/log.ts';
import { subCommandOf } from './commands.ts';
import { lastSaid } from './last-said.ts';

/**
 * How all is to be told, errors in the options too, as far as that can be known then. Sub-commands have no such option.
 *
 * @param config is read only where nothing else says it
 */
export function logFormatOf(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  config: ConfigFile | null,
): LogFormat {
  if (subCommandOf(argv) !== null) return 'text';
  const said =
    lastSaid(argv, 'log-format') ?? environment['URLMILL_LOG_FORMAT'] ?? config?.value('logFormat');
  return said === 'json' ? 'json' : 'text';
}
