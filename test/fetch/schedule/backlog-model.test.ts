import test from 'ava';

import { randomNumbers } from '../../helpers/random.ts';
import { item, keeping } from './backlogs.ts';

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`whatever happens, items of each host are taken once and in order (${seed})`, async (t) => {
    const below = randomNumbers(seed);
    const keep = 2 * (1 + below(8));
    const { put, backlog, queues, host, take, takeAll, lost, full } = keeping(t, keep);
    const letters = Array.from('abcdefgh').slice(0, 1 + below(8));
    const last = new Map(letters.map((name) => [name, 0]));
    const seen = new Map(letters.map((name) => [name, 0]));
    let waiting = 0;
    let paused = false;
    const check = (name: string): void => {
      waiting--;
      if (name === 'begun') return;
      const letter = name.charAt(0);
      const number = (seen.get(letter) ?? 0) + 1;
      if (name !== `${letter}${number}`) t.fail(`${name} instead of ${letter}${number}`);
      seen.set(letter, number);
    };
    for (let step = 0; step < 4000; step++) {
      const letter = letters[below(letters.length)] ?? 'a';
      // By turns, more items come than go and fewer, so that hosts come and go.
      const grows = step % 1000 < 500;
      const what = below(20);
      if (what < (grows ? 8 : 2)) {
        const from = (last.get(letter) ?? 0) + 1;
        const to = from + below(3 * keep);
        put(letter, from, to, 'x'.repeat(below(10) === 0 ? 20_000 : 10));
        last.set(letter, to);
        waiting += to - from + 1;
      } else if (what < 10) backlog.makeRoom();
      else if (what === 10 && waiting > 0) {
        queues.unshift(host(letter), item('begun', true));
        waiting++;
      } else if (what === 11 && below(10) === 0) {
        if (paused) backlog.resume();
        else backlog.pause();
        paused = !paused;
      } else {
        for (let count = below(grows ? 5 : 60); count > 0; count--) {
          const name = take();
          if (name !== null) check(name);
        }
      }
      if (below(4) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    backlog.resume();
    for (const name of await takeAll()) check(name);
    t.deepEqual(seen, last);
    t.deepEqual([waiting, queues.size, backlog.size, queues.hostCount], [0, 0, 0, 0]);
    t.deepEqual([lost, full], [[], []]);
  });
}
