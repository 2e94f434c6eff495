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

/** Bodies up to this size stay in memory where nothing but a hash or a file is made of them. */
const smallBody = 256 * 1024;

/**
 * Which bodies a job does not keep in memory.
 *
 * @param looksAtAll whether texts are looked at for result columns
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
  // A folder that takes the bodies has room for them as they come.
  const places = folder === null ? directories : [folder.directory];
  // A WARC record has the body as it came.
  const spools = saving?.exchanges === true ? null : places;
  return { from, decoded: options.maxText, spools, folder };
}

/** Whether bodies of any kind are read. */
function readsAny({ module, json, regex, body, next = '' }: ProcessOptions): boolean {
  const isAny = module !== undefined || body !== undefined || /^json:/i.test(next);
  return isAny || json.length + regex.length > 0;
}

/** Whether texts are read: of other bodies these find nothing but what headers tell. */
function readsText(options: ProcessOptions): boolean {
  const { select, xpath, next = '' } = options;
  if (/^select:/i.test(next)) return true;
  return select.length + xpath.length > 0 || extracted(options).some((name) => name !== 'sha256');
}

function extracted({ extract }: ProcessOptions): readonly string[] {
  return extract === undefined ? [] : listed(extract);
}

/**
 * What reads bodies gets none that is not in memory: where it would have been read, that is a failure. Hash and headers are
 * told in any case.
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
