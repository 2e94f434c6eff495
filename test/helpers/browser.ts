import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

import test from 'ava';
import type { ExecutionContext } from 'ava';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

const program = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** A page in the browser, with the errors and requests recorded so far. */
export interface OpenPage {
  readonly page: Page;
  /** Console errors and warnings, and uncaught errors. */
  readonly troubles: readonly string[];
  /** URLs that the page requested, apart from its own. */
  readonly requests: readonly string[];
}

/** Starts one browser for all tests of a file. @returns opens a file in a page of its own */
export function browserForTests(): (
  t: ExecutionContext,
  file: string,
  options?: BrowserContextOptions,
) => Promise<OpenPage> {
  let browser: Browser | null = null;
  test.before(async () => {
    if (!existsSync(program)) {
      throw new Error(
        `these tests need Chromium at ${program}: "apt-get install chromium", or name one by CHROMIUM=PATH`,
      );
    }
    // Chromium has no sandbox when it runs as root, as in containers. Only pages from this machine are
    // opened.
    browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'], timeout: 0 });
  });
  test.after.always(async () => {
    await browser?.close();
  });
  return async (t, file, options = {}) => {
    if (browser === null) throw new Error('the browser has not started');
    const context = await browser.newContext(options);
    t.teardown(() => context.close());
    // No timeout: on a busy machine any step may take long.
    context.setDefaultTimeout(0);
    const page = await context.newPage();
    const troubles: string[] = [];
    const requests: string[] = [];
    const own = pathToFileURL(file).href;
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) troubles.push(message.text());
    });
    page.on('pageerror', ({ message }) => troubles.push(message));
    page.on('request', (request) => {
      if (request.url() !== own) requests.push(request.url());
    });
    await page.goto(own);
    return { page, troubles, requests };
  };
}
