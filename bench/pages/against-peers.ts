import { join } from 'node:path';
import { contest, rate, ratios } from '../contest.ts';
import { contestTable } from '../contest-table.ts';
import { clientCore, serverCore } from '../cores.ts';
import { inTurn } from '../in-turn.ts';
import { peer, python } from '../project.ts';
import { atLeast, type Bench, type Check, type Findings } from '../scenario.ts';
import { median } from '../spread.ts';
import { expectAll } from '../tally.ts';
import type { UrlList } from '../url-list.ts';
import { foundInCsv, foundInJsonLines, sameAs } from './compare.ts';
import { withServedPages } from './served-pages.ts';

/** What every contestant takes out of each page. */
export const fields = ['title', 'description', 'links', 'text', 'sha256'];

/** The command under test, with as many connections as its peers. */
export const urlmill = (
  { node, cli }: Bench,
  list: UrlList,
  result: string,
  options: readonly string[],
): string[] => [node, cli, '-c', '64', '--per-host', '64', '-q', ...options, '-o', result, list.csv];

/** The same fields of the same pages, by urlmill and by what else is at hand for it, on one core. */
export function againstPeers(bench: Bench): Promise<Findings> {
  return withServedPages(bench, serverCore, async (nginx, list) => {
    const own = join(bench.dir, 'urlmill.csv');
    const peers = [
      { name: 'Scrapy', command: [python, peer('scrapy_pages.py')], options: [] },
      { name: 'cheerio', command: [bench.node, peer('cheerio-pages.js')], options: [] },
      { name: 'cheerio/slim', command: [bench.node, peer('cheerio-pages.js')], options: ['slim'] },
      { name: 'undici + htmlparser2', command: [bench.node, peer('pages.js')], options: [] },
    ].map(({ name, command, options }, i) => {
      const result = join(bench.dir, `peer-${i + 1}.jsonl`);
      return { name, result, urls: list.count, command: [...command, list.csv, result, ...options] };
    });
    const contestants = [
      {
        name: 'urlmill',
        command: urlmill(bench, list, own, ['--extract', fields.join(',')]),
        urls: list.count,
        verify: () => expectAll(own, 'fetch_error', '', list.count),
      },
      ...peers,
    ];
    const runs = await contest(bench, nginx, contestants, clientCore);
    const rateOver = (name: string): number => median(ratios(runs, name, rate));
    return {
      tables: [contestTable('Contestants', runs)],
      checks: [
        atLeast('rate ÷ Scrapy', rateOver('Scrapy'), 3),
        atLeast('rate ÷ a script with cheerio', rateOver('cheerio'), 1.5),
        ...(await compare(own, peers)),
      ],
      commands: contestants.map(({ name, command }) => [name, command]),
    };
  });
}

/** The results of the last round. */
async function compare(own: string, peers: readonly { name: string; result: string }[]): Promise<Check[]> {
  const expected = await foundInCsv(own, fields);
  const checks: Check[] = [];
  for await (const { name, result } of inTurn(peers)) {
    checks.push(sameAs(`that of ${name}`, expected, await foundInJsonLines(result, fields)));
  }
  return checks;
}
