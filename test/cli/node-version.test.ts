import test from 'ava';

import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { urlmill } from '../helpers/cli.ts';

/** Runs the command on this Node, which claims to be another version. */
async function runAs(folder: string, version: string, args: readonly string[] = ['--help']) {
  const preload = `Object.defineProperty(process.versions, 'node', { value: '${version}' })`;
  const environment = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload)}` };
  return urlmill(args, { cwd: folder, environment });
}

for (const version of ['16.20.2', '18.20.8', '20.18.3']) {
  test(`Node ${version} is too old: the line names both versions, exit 2`, async (t) => {
    const { code, stdout, stderr } = await runAs(await temporaryFolder(t), version);
    t.deepEqual(
      { code, stdout, stderr },
      { code: 2, stdout: '', stderr: `urlmill: needs Node >=20.19, and this is ${version}\n` },
    );
  });
}

for (const version of ['20.19.0', '21.0.0', '100.1.0']) {
  test(`Node ${version} is new enough`, async (t) => {
    const { code, stderr } = await runAs(await temporaryFolder(t), version);
    t.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  });
}

test('the line is an object where the log is one', async (t) => {
  const { code, stderr } = await runAs(await temporaryFolder(t), '18.20.8', ['--log-format=json', 'x']);
  t.like(JSON.parse(stderr), { level: 'error', event: 'error', exitCode: 2 });
  t.is(code, 2);
});
