import test from 'ava';

import { fetchUrls } from '../../src/job/fetch-urls.ts';
import type { Result } from '../../src/shared/records.ts';
import { itemsMoved } from '../helpers/items-moved.ts';
import { httpServer } from '../helpers/server.ts';

for (const isSlow of [false, true]) {
  test.serial(
    `results that one row has held up cost the same however many they are, ${isSlow ? 'read one at a time' : 'read at once'}`,
    async (t) => {
      const count = 20_000;
      const held: (() => void)[] = [];
      const server = await httpServer(t, (_, response) => held.push(() => response.end()));
      const fetcher = fetchUrls({ ordered: true, lookAhead: 1_000_000, retries: 0 });
      fetcher.write(server.url);
      await server.requested(1);
      for (let i = 1; i < count; i++) fetcher.write('http://[');
      fetcher.end();
      const moved = itemsMoved(t);
      held[0]?.();
      const numbers: number[] = [];
      if (isSlow) for await (const { row } of fetcher as AsyncIterable<Result>) numbers.push(row.number);
      else {
        fetcher.on('data', ({ row }: Result) => numbers.push(row.number));
        await new Promise((resolve) => fetcher.once('end', resolve));
      }
      t.deepEqual(
        numbers,
        Array.from({ length: count }, (_, i) => i + 1),
      );
      t.true(moved() <= 10 * count, `${moved()} moved`);
    },
  );
}
