import type { SourceDialect } from '../read/content.ts';
import { dialectOf } from '../write/dialect.ts';
import type { Dialect, DialectOptions } from '../write/dialect.ts';
import { byExtension, extensionOf } from '../write/formats.ts';
import type { OutputFormat } from '../write/formats.ts';

interface Said extends DialectOptions {
  readonly output: string | undefined;
  readonly outputFormat: OutputFormat | undefined;
}

/** Format and dialect of the output: what the options say, else those of NEW. Compressed if its name ends in `.gz`. */
export function outputForm(
  options: Said,
  source: SourceDialect | null,
): { readonly format: OutputFormat; readonly dialect: Dialect; readonly gzip: boolean } {
  const { output = '', outputFormat, outputDelimiter, outputBom, crlf, excel } = options;
  const like = source?.format === 'lines' ? undefined : source?.format;
  const format = outputFormat ?? byExtension.get(extensionOf(output)) ?? like ?? 'csv';
  const dialect = dialectOf(options, format);
  const gzip = /\.gz$/i.test(output);
  if (source === null || excel || outputBom || crlf || outputDelimiter !== undefined || format !== like) {
    return { format, dialect, gzip };
  }
  const { delimiter, bom, crlf: isCrlf } = source;
  const alike: Dialect = { ...dialect, bom, lineEnd: isCrlf ? '\r\n' : '\n' };
  return { format, dialect: format === 'csv' ? { ...alike, delimiter } : alike, gzip };
}
