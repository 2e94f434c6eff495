/** Text that is HTML already. Only `html` and `trusted` make it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Markup | string | number | null | readonly Part[];

/**
 * A tag for templates of HTML. Values are escaped, so that they stay text: put them between tags, or within the
 * quotes of an attribute. Lists are joined, null gives nothing.
 *
 * @example html`<td class="${name}">${cell}</td>`
 */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Markup {
  const texts = strings.map(
    (text, index) =>
      // Drops the indentation of the source.
      text.replaceAll(/\n\s*/g, '\n') + (index < values.length ? markupOf(values[index]) : ''),
  );
  return new Markup(texts.join(''));
}

/** Takes text as HTML: our own, or the content of `script` or `style`, in which nothing may be escaped. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

function markupOf(value: Part | undefined): string {
  if (value instanceof Markup) return value.text;
  if (value === null || value === undefined) return '';
  if (typeof value === 'object') return value.map(markupOf).join('');
  return escaped(String(value));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => entities[char] ?? '');
}
