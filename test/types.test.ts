import { execFile } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';

import test from 'ava';

import { temporaryFolder } from './helpers/temporary-folder.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A wrong use of a value is an error only when its type is known: with `any`, tsc says that an expected error is missing. */
const program = `
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { fetchUrls, readUrls, writeResults } from 'urlmill';
import type { Result, Row } from 'urlmill';

const rows = createReadStream('urls.csv').pipe(readUrls());
for await (const row of rows) {
  const known: Row = row;
  // @ts-expect-error
  row.none;
}
await pipeline(createReadStream('urls.csv'), readUrls(), fetchUrls(), writeResults(), createWriteStream('out.csv'));
await pipeline(createReadStream('urls.csv'), readUrls(), fetchUrls(), async (given: AsyncIterable<Result>) => {
  for await (const { status } of given) console.log(status?.toFixed());
});
const results = createReadStream('urls.csv').pipe(readUrls()).pipe(fetchUrls());
for await (const result of results) {
  const known: Result = result;
  // @ts-expect-error
  result.none;
}
for await (const bytes of results.pipe(writeResults())) {
  const known: Buffer = bytes;
  // @ts-expect-error
  bytes.none;
}
`;

test('what for await gives of the streams has its type in strict TypeScript', async (t) => {
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2022',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [join(root, 'node_modules', '@types')],
  };
  const folder = await temporaryFolder(t, {
    'package.json': '{"type":"module"}',
    'program.ts': program,
    'tsconfig.json': JSON.stringify({ compilerOptions, files: ['program.ts'] }),
    'node_modules/.keep': '',
  });
  await symlink(root, join(folder, 'node_modules', 'urlmill'));
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const said = await promisify(execFile)(process.execPath, [compiler, '-p', folder], { cwd: folder }).catch(
    (error: unknown) => error as { stdout: string },
  );
  t.is(said.stdout, '');
});
