import { chosenExtractors } from '../../../src/process/extractors.ts';
import type { Value, Values } from '../../../src/shared/records.ts';
import { pageOf } from '../pages.ts';

/** The value of `--extract NAME` for a page of http://example.org/. */
export async function valueOf(
  name: string,
  body: string | Buffer,
  contentType?: string,
  url?: string,
  headers?: Readonly<Record<string, string>>,
): Promise<Value> {
  const [processor] = await chosenExtractors(name, '');
  const values = (await processor?.process(pageOf(body, contentType, url, headers))) as Values | undefined;
  return values?.[name];
}
