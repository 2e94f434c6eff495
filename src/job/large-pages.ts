import type { Saving } from '../keep/keeping.ts';
import { listed } from '../options/checks.ts';
import type { Options } from '../options/table.ts';
import type { LargeBodies } from '../page/large-body.ts';
import { ResponsePage } from '../page/page.ts';
import { failedBy } from '../page/processing.ts';
import type { Processed, Processing } from '../page/processing.ts';
import { textKind } from '../page/text-kind.ts';
import type { ProcessOptions } from '../process/processors.ts';
import { headerProcessor } from '../process/response-header.ts';
import type { Values } from '../shared/records.ts';
import { mediaTypeOf } from '../shared/media-type.ts';

/** Bytes up to which a body stays in memory even if only a hash or a file is made of it. */
const smallBody = 256 * 1024;

/**
 * Which bodies a job does not keep in memory.
 *
 * @param looksAtAll whether result columns need the text of pages, as `charset` and `soft_404` do
 * @param directories for temporary files
 */
export function largeBodiesOf(
  saving: Saving | null,
  options: Pick<Options, 'maxText'> & ProcessOptions,
  looksAtAll: boolean,
  directories: readonly string[],
): LargeBodies {
  const isRead = looksAtAll || readsAny(options) || readsText(options);
  const from = isRead ? options.maxText : Math.min(smallBody, options.maxText);
  const folder = saving?.largeFolder ?? null;
  // The folder for saved bodies also takes those that are still compressed.
  const places = folder === null ? directories : [folder.directory];
  // A WARC record holds the body as it came, so nothing needs to be unpacked from a file.
  const spools = saving?.exchanges === true ? null : places;
  return { from, decoded: options.maxText, spools, folder };
}

/** Whether bodies of any kind are read. */
function readsAny({ module, json, regex, body, next = '' }: ProcessOptions): boolean {
  const isAny = module !== undefined || body !== undefined || /^json:/i.test(next);
  return isAny || json.length + regex.length > 0;
}

/** Whether bodies that are text are read: in others these options find nothing but what headers tell. */
function readsText(options: ProcessOptions): boolean {
  const { select, xpath, next = '' } = options;
  if (/^select:/i.test(next)) return true;
  return select.length + xpath.length > 0 || extracted(options).some((name) => name !== 'sha256');
}

function extracted({ extract }: ProcessOptions): readonly string[] {
  return extract === undefined ? [] : listed(extract);
}

/**
 * Processing that never sees a body that is not in memory. If the body would have been read, the page fails as larger
 * than `--max-text`; otherwise it is processed without a body. Hash and headers are given in both cases.
 */
export function exceptLarge(processing: Processing, options: ProcessOptions): Processing {
  const hashColumn = `${options.prefix}sha256`;
  const takesHash = extracted(options).includes('sha256');
  const headers = headerProcessor(options.responseHeader);
  return {
    process: async (page): Promise<Processed> => {
      const { large, contentType } = page;
      if (large === null) return processing.process(page);
      const hash = takesHash ? { [hashColumn]: large.sha256 } : {};
      const isText = textKind('', mediaTypeOf(contentType).type) !== 'other';
      if (readsAny(options) || (isText && readsText(options))) {
        const values = { ...(headers.process(page) as Values), ...hash };
        return { ...failedBy(new RangeError('larger than --max-text')), values };
      }
      const { values, ...rest } = await processing.process(withoutBody(page));
      return { ...rest, values: { ...values, ...hash } };
    },
    close: processing.close,
  };
}

function withoutBody({ input, url, status, rawHeaders, contentType }: ResponsePage): ResponsePage {
  return new ResponsePage(input, url, status, rawHeaders, contentType, Buffer.alloc(0));
}
