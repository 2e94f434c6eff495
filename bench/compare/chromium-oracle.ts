import { exitOf, startChild } from '../children.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { DevtoolsPipe } from './devtools-pipe.ts';
import { binding, domScript } from './dom-script.ts';
import { startPageProxy } from './page-proxy.ts';
import type { PageProxy } from './page-proxy.ts';
import type { JudgedPage, Oracle, Values } from './values.ts';

const patience = 60_000;

/** What the script in the page tells. */
interface Told {
  readonly url: string;
  readonly values: Values;
}

/** Headless Chromium, which gets the page's bytes by HTTP. Nothing but our proxy can be reached from it. */
export async function chromiumOracle(): Promise<Oracle> {
  const proxy = await startPageProxy();
  const browser = startChild(['chromium', ...flags(proxy.address, scratchFolder('chromium'))], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const pipe = new DevtoolsPipe(browser);
  const { product } = await pipe.send<{ product: string }>('Browser.getVersion');
  console.log(product);
  const sessionId = await openTab(pipe);
  return {
    values: (page) => valuesOf(page, pipe, sessionId, proxy),
    close: async () => {
      await pipe.send('Browser.close');
      await exitOf(browser);
      await proxy.close();
    },
  };
}

function flags(proxy: string, profile: string): string[] {
  return [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    // It would ask for https first; and pages that nobody goes back to need not be kept.
    '--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,BackForwardCache',
    `--proxy-server=${proxy}`,
    '--proxy-bypass-list=<-loopback>',
    `--user-data-dir=${profile}`,
    '--remote-debugging-pipe',
    'about:blank',
  ];
}

async function openTab(pipe: DevtoolsPipe): Promise<string> {
  const { targetId } = await pipe.send<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await pipe.send<{ sessionId: string }>('Target.attachToTarget', {
    targetId,
    flatten: true,
  });
  await pipe.send('Page.enable', {}, sessionId);
  await pipe.send('Runtime.enable', {}, sessionId);
  await pipe.send('Runtime.addBinding', { name: binding }, sessionId);
  await pipe.send('Page.addScriptToEvaluateOnNewDocument', { source: domScript }, sessionId);
  return sessionId;
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
