import { startChromium } from './chromium.ts';
import type { DevtoolsPipe } from './devtools-pipe.ts';
import { binding, domScript } from './dom-script.ts';
import { startPageProxy } from './page-proxy.ts';
import type { PageProxy } from './page-proxy.ts';
import type { JudgedPage, Oracle, Values } from './values.ts';

const patience = 60_000;

/** What the script in the page reports. */
interface Told {
  readonly url: string;
  readonly values: Values;
}

/** Headless Chromium, which gets the page's bytes by HTTP and can reach nothing but our proxy. */
export async function chromiumOracle(): Promise<Oracle> {
  const proxy = await startPageProxy();
  const { pipe, product, sessionId, close } = await startChromium(proxy.address);
  console.log(product);
  await prepareTab(pipe, sessionId);
  return {
    values: (page) => valuesOf(page, pipe, sessionId, proxy),
    close: async () => {
      await close();
      await proxy.close();
    },
  };
}

async function prepareTab(pipe: DevtoolsPipe, sessionId: string): Promise<void> {
  await pipe.send('Page.enable', {}, sessionId);
  await pipe.send('Runtime.enable', {}, sessionId);
  await pipe.send('Runtime.addBinding', { name: binding }, sessionId);
  await pipe.send('Page.addScriptToEvaluateOnNewDocument', { source: domScript }, sessionId);
}

async function valuesOf(
  { url, body }: JudgedPage,
  pipe: DevtoolsPipe,
  sessionId: string,
  proxy: PageProxy,
): Promise<Values> {
  proxy.show(url, body);
  const answer = new Promise<Values>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`no answer from Chromium: ${url}`));
    }, patience);
    pipe.onGone = reject;
    pipe.onEvent = (method, params) => {
      if (method !== 'Runtime.bindingCalled') return;
      const told = JSON.parse((params as { payload: string }).payload) as Told;
      if (told.url !== url) return;
      clearTimeout(timer);
      resolve(told.values);
    };
  });
  const [{ errorText }, values] = await Promise.all([
    pipe.send<{ errorText?: string }>('Page.navigate', { url }, sessionId),
    answer,
  ]);
  if (errorText !== undefined) throw new Error(`Chromium: ${errorText}: ${url}`);
  return values;
}
