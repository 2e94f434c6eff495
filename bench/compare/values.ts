/** What is compared of a page. */
export interface Values {
  readonly title: string;
  readonly lang: string;
  readonly canonical: string;
  readonly h1: string;
  readonly links: readonly string[];
}

export const names = ['title', 'lang', 'canonical', 'h1', 'links'] as const;

/** Somebody else's answer. `body` is UTF-8 unless the page says otherwise; `html` is its text. */
export interface Oracle {
  values: (page: { readonly body: Buffer; readonly html: string; readonly url: string }) => Promise<Values>;
  close: () => Promise<void>;
}
