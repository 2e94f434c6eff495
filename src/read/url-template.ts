import { UsageError } from '../shared/errors.ts';
import { findColumn } from '../shared/find-column.ts';
import { didYouMean } from '../shared/nearest.ts';

/** Operators of RFC 6570 level 2 and the text that each puts first. */
const operators: Readonly<Record<string, { first: string; reserved: boolean }>> = {
  '': { first: '', reserved: false },
  '+': { first: '', reserved: true },
  '#': { first: '#', reserved: true },
};

/**
 * Compiles a URL template (RFC 6570, level 2) whose variables are columns. Column names are taken as they are,
 * so unlike in the RFC they may hold spaces and letters of any script.
 *
 * @throws UsageError for an unknown column, a higher level's expression or a brace that does not close
 */
export function compileUrlTemplate(
  template: string,
  names: readonly string[],
): (cells: readonly string[]) => string {
  const parts = template.split(/(\{[^{}]*\})/).map((part, index) => {
    if (index % 2 === 0) {
      // The template is not repeated: it may hold a key.
      if (/[{}]/.test(part)) throw new UsageError('--url-template: a brace is not closed');
      return () => part;
    }
    const [, operator = '', name = ''] = /^\{([+#./;?&=,!@|]?)(.*)\}$/s.exec(part) ?? [];
    const expand = operators[operator];
    if (expand === undefined) throw new UsageError(`--url-template: ${part} is beyond level 2 of RFC 6570`);
    const column = findColumn(names, name);
    if (column === -1) {
      throw new UsageError(
        `--url-template: there is no column "${name}"; the columns are ${names.join(', ')}${didYouMean(name, names)}`,
      );
    }
    return (cells: readonly string[]): string => {
      const value = cells[column] ?? '';
      return value === '' ? '' : expand.first + (expand.reserved ? encodeReserved(value) : encodeAll(value));
    };
  });
  return (cells) => parts.map((part) => part(cells)).join('');
}

/** Everything but unreserved characters (RFC 3986, section 2.3). */
function encodeAll(value: string): string {
  return encodeURIComponent(value.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Reserved characters and existing %XX stay as they are (RFC 6570, section 3.2.1). */
function encodeReserved(value: string): string {
  return value
    .toWellFormed()
    .split(/(%[0-9A-Fa-f]{2})/)
    .map((part, index) =>
      index % 2 === 1 ? part : encodeURI(part).replaceAll('%5B', '[').replaceAll('%5D', ']'),
    )
    .join('');
}
