interface Alternate {
  readonly hreflang: string;
  readonly href: string;
}

/** What is compared of a page. */
export interface Values {
  readonly title: string;
  readonly lang: string;
  readonly canonical: string;
  readonly h1: string;
  readonly links: readonly string[];
  /** Each once, as the other lists. */
  readonly images: readonly string[];
  readonly hreflang: readonly Alternate[];
  readonly feeds: readonly string[];
  /** Name of the encoding as `document.characterSet` has it. */
  readonly charset: string;
}

/** Those that are extractors. */
export const extracted = [
  'title',
  'lang',
  'canonical',
  'h1',
  'links',
  'images',
  'hreflang',
  'feeds',
] as const;

export const names = [...extracted, 'charset'] as const;

/** A page as somebody else gets to see it. `html` is its text as we have decoded it. */
export interface JudgedPage {
  readonly body: Buffer;
  readonly html: string;
  readonly url: string;
}

/** Somebody else's answer. */
export interface Oracle {
  values: (page: JudgedPage) => Promise<Values>;
  close: () => Promise<void>;
}
