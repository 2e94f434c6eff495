import { exitOf, startChild } from '../children.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { DevtoolsPipe } from './devtools-pipe.ts';

export interface Chromium {
  readonly pipe: DevtoolsPipe;
  readonly product: string;
  /** Session of its only tab, which is empty. */
  readonly sessionId: string;
  close: () => Promise<void>;
}

/**
 * Starts headless Chromium.
 *
 * @param proxy `host:port` of the only server that it can reach
 * @param exempt what it reaches without the proxy, in the syntax of `--proxy-bypass-list`; nothing by default
 */
export async function startChromium(proxy: string, exempt = '<-loopback>'): Promise<Chromium> {
  const browser = startChild(['chromium', ...flags(proxy, exempt, scratchFolder('chromium'))], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const pipe = new DevtoolsPipe(browser);
  const { product } = await pipe.send<{ product: string }>('Browser.getVersion');
  const sessionId = await openTab(pipe);
  const close = async (): Promise<void> => {
    await pipe.send('Browser.close');
    await exitOf(browser);
  };
  return { pipe, product, sessionId, close };
}

function flags(proxy: string, exempt: string, profile: string): string[] {
  return [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    // Off: upgrades to https, which would be tried first, and keeping pages for going back.
    '--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,BackForwardCache',
    `--proxy-server=${proxy}`,
    `--proxy-bypass-list=${exempt}`,
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
  return sessionId;
}
