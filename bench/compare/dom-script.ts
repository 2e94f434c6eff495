/** Name of the function that the script below hands its answer to. */
export const binding = 'urlmillTell';

/**
 * Runs in the browser before the page: when the whole page has been read, tells what the DOM holds. Within the page, so
 * that nothing can happen to it in between, and with the prototypes' own getters, for `<img name=title>` hides
 * `document.title`.
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
  const values = {
    title: own('title'),
    lang: own('documentElement').getAttribute('lang') ?? '',
    canonical: canonical === undefined ? '' : canonical.href,
    h1: h1 === undefined ? '' : collapsed(h1.textContent),
    links: [...own('links')].map((link) => link.href),
    charset: own('characterSet'),
  };
  ${binding}(JSON.stringify({ url: own('URL'), values }));
}, { once: true });
`;
