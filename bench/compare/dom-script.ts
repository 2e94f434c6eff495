/** Name of the function through which the script below returns its answer. */
export const binding = 'urlmillTell';

/**
 * Runs in the browser before the page, and reports what the DOM holds when the page has been parsed. It runs
 * within the page so that nothing can change the DOM in between, and uses the getters of prototypes because
 * `<img name=title>` would hide `document.title`.
 */
export const domScript = `
addEventListener('DOMContentLoaded', () => {
  if (window !== top) return;
  const own = (name) => Object.getOwnPropertyDescriptor(Document.prototype, name).get.call(document);
  const all = (selector) => [...Document.prototype.querySelectorAll.call(document, selector)];
  const collapsed = (text) => text.replace(/[\\t\\n\\f\\r ]+/g, ' ').replace(/^ | $/g, '');
  // Drawings may have elements of these names.
  const canonical = all('link[rel~=canonical i][href]').find((link) => link instanceof HTMLLinkElement);
  const h1 = all('h1').find((heading) => heading instanceof HTMLHeadingElement);
  // By the HTML Standard an empty URL is none, though to the DOM it is that of the page.
  const says = (element, name) => (element.getAttribute(name) ?? '').trim() !== '';
  const alternates = all('link[rel~=alternate i]:not([rel~=stylesheet i])')
    .filter((link) => link instanceof HTMLLinkElement && says(link, 'href'));
  const once = (values) => [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
  const values = {
    title: own('title'),
    lang: own('documentElement').getAttribute('lang') ?? '',
    canonical: canonical === undefined ? '' : canonical.href,
    h1: h1 === undefined ? '' : collapsed(h1.textContent),
    links: [...own('links')].map((link) => link.href),
    images: once([...own('images')].filter((image) => says(image, 'src')).map(({ src }) => src).filter((src) => /^https?:/.test(src))),
    hreflang: once(alternates.filter((link) => says(link, 'hreflang')).map(({ hreflang, href }) => ({ hreflang, href }))),
    feeds: once(alternates
      .filter(({ type }) => /^application\\/(?:rss\\+xml|atom\\+xml|feed\\+json)$/i.test(type))
      .map(({ href }) => href)),
    charset: own('characterSet'),
  };
  ${binding}(JSON.stringify({ url: own('URL'), values }));
}, { once: true });
`;
