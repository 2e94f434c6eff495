import { join } from 'node:path';
import { contest, rate, ratios } from '../contest.ts';
import { contestTable } from '../contest-table.ts';
import { clientCore, serverCore } from '../cores.ts';
import { inTurn } from '../in-turn.ts';
import { peer, python } from '../project.ts';
import { atLeast, type Bench, type Check, type Findings } from '../scenario.ts';
import { median } from '../spread.ts';
import { expectAll } from '../tally.ts';
import { foundInCsv, foundInJsonLines, sameAs } from './compare.ts';
import { withServedPages } from './served-pages.ts';
import { fields, selected, selectOptions, urlmill } from './works.ts';

/** Extracts the same fields from the same pages with urlmill and with other tools, on one core. */
export function againstPeers(bench: Bench): Promise<Findings> {
  return withServedPages(bench, serverCore, async (nginx, list) => {
    const own = join(bench.dir, 'urlmill.csv');
    const selecting = join(bench.dir, 'urlmill-select.csv');
    const byCheerio = join(bench.dir, 'cheerio-select.jsonl');
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
      {
        name: 'urlmill --select',
        command: urlmill(bench, list, selecting, selectOptions),
        urls: list.count,
        verify: () => expectAll(selecting, 'fetch_error', '', list.count),
      },
      {
        name: 'cheerio, selectors',
        command: [bench.node, peer('cheerio-pages.js'), list.csv, byCheerio, 'select'],
        urls: list.count,
      },
    ];
    const runs = await contest(bench, nginx, contestants, clientCore);
    const rateOver = (name: string): number => median(ratios(runs, name, rate));
    return {
      tables: [contestTable('Contestants', runs)],
      checks: [
        atLeast('rate ÷ Scrapy', rateOver('Scrapy'), 3),
        atLeast('rate ÷ a script with cheerio', rateOver('cheerio'), 1.5),
        atLeast(
          '--select: rate ÷ cheerio with the same selectors',
          median(ratios(runs, 'cheerio, selectors', rate, 'urlmill --select')),
          1,
        ),
        ...(await compare(own, peers)),
        sameAs(
          "that of cheerio's selectors",
          await foundInCsv(selecting, selected),
          await foundInJsonLines(byCheerio, selected),
        ),
      ],
      commands: contestants.map(({ name, command }) => [name, command]),
    };
  });
}

/** Compares the results of the last round. */
async function compare(own: string, peers: readonly { name: string; result: string }[]): Promise<Check[]> {
  const expected = await foundInCsv(own, fields);
  const checks: Check[] = [];
  for await (const { name, result } of inTurn(peers)) {
    checks.push(sameAs(`that of ${name}`, expected, await foundInJsonLines(result, fields)));
  }
  return checks;
}
