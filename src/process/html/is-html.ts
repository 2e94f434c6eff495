import { mediaTypeOf } from '../../shared/media-type.ts';
import type { Page } from '../../shared/records.ts';

export function isHtml({ headers, kind }: Page): boolean {
  return kind === 'html' || mediaTypeOf(headers['content-type'] ?? '').type === 'application/xhtml+xml';
}
