import { UsageError } from '../shared/errors.ts';
import { byExtension, extensionOf } from './formats.ts';
import type { OutputFormat } from './formats.ts';

/** Extensions of compressions other than .gz, which cannot be written. */
const otherCompressions = new Set(
  'br brotli bz2 bzip2 gzip lz lz4 lzma lzo sz tbz tbz2 tgz txz tzst xz z zip zst zstd'.split(' '),
);

/** Extensions of formats that cannot be written. */
const otherFormats = new Set(
  [
    'json json5 geojson topojson har ipynb jl yaml yml toml cbor msgpack bson',
    'xlsx xlsm xlsb xls ods fods numbers doc docx odt rtf pdf md',
    'html htm xhtml mhtml xml rss atom rdf sql psv ltsv',
    'parquet feather arrow ipc avro orc h5 hdf5 npy npz pkl pickle rds rdata sav dta sas7bdat',
    'db db3 sqlite sqlite3 duckdb mdb accdb dbf tar 7z rar warc wacz',
  ].flatMap((names) => names.split(' ')),
);

/**
 * Refuses an output name that promises another format or compression than would be written. Other names mean CSV.
 *
 * @throws UsageError with the extensions that can be written
 */
export function refuseOutputName({
  output = '',
  outputFormat,
}: {
  readonly output: string | undefined;
  readonly outputFormat: OutputFormat | undefined;
}): void {
  const name = extensionOf(output);
  if (otherCompressions.has(name)) {
    throw new UsageError(`--output: ${output} would not be compressed; only a name that ends in .gz is`);
  }
  if (outputFormat !== undefined || !otherFormats.has(name)) return;
  const names = [...byExtension.keys()].map((known) => `.${known}`).join(', ');
  throw new UsageError(
    `--output: ${output} would be CSV, not ${name}; name it ${names}, with or without .gz, or say --output-format`,
  );
}
