import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

import test from 'ava';
import type { ExecutionContext } from 'ava';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

const program = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** A page of a browser, and what has happened to it. */
export interface OpenPage {
  readonly page: Page;
  /** Errors and warnings of the console, and errors that nothing caught. */
  readonly troubles: readonly string[];
  /** URLs that were asked for, without the page's own. */
  readonly requests: readonly string[];
}

/** Starts one browser for the tests of a file. @returns opens a file in a page of its own */
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
    // It runs as root in containers, where it has no sandbox. Its pages are this machine's own.
    browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'], timeout: 0 });
  });
  test.after.always(async () => {
    await browser?.close();
  });
  return async (t, file, options = {}) => {
    if (browser === null) throw new Error('the browser has not started');
    const context = await browser.newContext(options);
    t.teardown(() => context.close());
    // A busy machine may take long for anything.
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
