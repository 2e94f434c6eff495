interface Alternate {
  readonly hreflang: string;
  readonly href: string;
}

/** The values of a page that are compared. */
export interface Values {
  readonly title: string;
  readonly lang: string;
  readonly canonical: string;
  readonly h1: string;
  readonly links: readonly string[];
  /** Without repetitions, as in the lists below. */
  readonly images: readonly string[];
  readonly hreflang: readonly Alternate[];
  readonly feeds: readonly string[];
  /** Name of the encoding, as in `document.characterSet`. */
  readonly charset: string;
}

/** The values that come from extractors. */
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

/** A page to be judged by an oracle. `html` is its text as decoded by us. */
export interface JudgedPage {
  readonly body: Buffer;
  readonly html: string;
  readonly url: string;
}

/** Another implementation, whose answers are compared with ours. */
export interface Oracle {
  values: (page: JudgedPage) => Promise<Values>;
  close: () => Promise<void>;
}
