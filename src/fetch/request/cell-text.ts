import { findColumn } from '../../shared/find-column.ts';
import { didYouMean } from '../../shared/nearest.ts';
import { UsageError } from '../../shared/errors.ts';

/**
 * Compiles a text with `{column}` in it. Other braces stay as they are, so JSON needs no care; `{{column}}` stands
 * for the text `{column}` itself.
 *
 * @param label the option, for the error message
 * @throws UsageError when a name in braces looks like that of a column, and there is no such column
 */
export function compileCellText(
  text: string,
  names: readonly string[],
  label: string,
): (cells: readonly string[]) => string {
  const parts = text.split(/(\{\{[^{}"\n]+\}\}|\{[^{}"\n]+\})/).map((part, index) => {
    if (index % 2 === 0) return () => part;
    if (part.startsWith('{{')) return () => part.slice(1, -1);
    const name = part.slice(1, -1);
    const column = findColumn(names, name);
    if (column !== -1) return (cells: readonly string[]): string => cells[column] ?? '';
    if (!/^[\p{L}\p{N}_][\p{L}\p{N}_. -]*$/u.test(name)) return () => part;
    throw new UsageError(
      `${label}: there is no column "${name}"; write {${part}} for the text ${part} itself${didYouMean(name, names)}`,
    );
  });
  const [only] = parts;
  return parts.length === 1 && only !== undefined
    ? only
    : (cells) => parts.map((part) => part(cells)).join('');
}
