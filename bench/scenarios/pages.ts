import { againstPeers } from '../pages/against-peers.ts';
import type { Scenario } from '../scenario.ts';

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
  run: againstPeers,
};
