import { againstPeers } from '../pages/against-peers.ts';
import { threads } from '../pages/threads.ts';
import type { Bench, Findings, Scenario } from '../scenario.ts';

export const pages: Scenario = {
  name: 'pages',
  about: 'The HTML pages of openjdk-17-doc: title, description, links, text and sha256 of each.',
  tools: [
    'nginx',
    'taskset',
    'curl',
    'python',
    'scrapy',
    'undici',
    'cheerio',
    'htmlparser2',
    'openjdk-17-doc',
  ],
  rounds: 3,
  run,
};

async function run(bench: Bench): Promise<Findings> {
  const peers = await againstPeers(bench);
  const inThreads = await threads(bench);
  return {
    tables: [...peers.tables, ...inThreads.tables],
    checks: [...peers.checks, ...inThreads.checks],
    commands: [...peers.commands, ...inThreads.commands],
    notes: inThreads.notes ?? [],
  };
}
