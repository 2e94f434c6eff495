import test from 'ava';

import { fuzz, fuzzVariants } from '../../torture/fuzz/variants.ts';
import { commandFile } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const command = { node: process.execPath, cli: commandFile };

for (const variant of fuzzVariants) {
  test.serial(
    `${variant.briefRows} mutated ${variant.about}: every row comes once, with nothing of another`,
    async (t) => {
      const dir = await temporaryFolder(t);
      const outcome = await fuzz(variant, { command, dir, seed: 7, rows: variant.briefRows, longest: null });
      t.deepEqual(outcome.problems, []);
      const ended = [...outcome.ends.values()].reduce((sum, count) => sum + count, 0);
      t.is(ended, outcome.rows);
      t.true(outcome.ends.has('200') && outcome.ends.size > 3, 'some are right, others fail in many ways');
    },
  );
}
