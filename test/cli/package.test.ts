import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const run = promisify(execFile);
/** The project's folder, relative to the compiled test. */
const project = fileURLToPath(new URL('../../..', import.meta.url));

interface Manifest {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly exports: { readonly '.': Readonly<Record<string, string>> };
}

/** The packed package, cached, because npm takes seconds of CPU for packing. */
let tarball: Promise<Buffer> | null = null;

async function pack(folder: string): Promise<Buffer> {
  // It must not build: the build exists, and replacing it would break other tests that are running.
  const { stdout } = await run(
    'npm',
    ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder],
    {
      cwd: project,
      env: { PATH: process.env['PATH'], HOME: folder },
    },
  );
  return readFile(join(folder, stdout.trim()));
}

/**
 * A folder into which the package is installed like npm does; its dependencies are links to the project's.
 */
async function installed(t: ExecutionContext): Promise<{ folder: string; manifest: Manifest }> {
  const folder = await temporaryFolder(t);
  const modules = join(folder, 'node_modules');
  const home = join(modules, 'urlmill');
  await mkdir(join(modules, '.bin'), { recursive: true });
  await mkdir(home);
  tarball ??= pack(folder);
  await writeFile(join(folder, 'urlmill.tgz'), await tarball);
  await run('tar', ['-xzf', join(folder, 'urlmill.tgz'), '-C', home, '--strip-components=1']);
  const manifest = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as Manifest;
  for (const name of Object.keys(manifest.dependencies)) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(project, 'node_modules', name), join(modules, name));
  }
  for (const [name, file] of Object.entries(manifest.bin)) {
    await chmod(join(home, file), 0o755);
    await symlink(join('..', 'urlmill', file), join(modules, '.bin', name));
  }
  return { folder, manifest };
}

test('the packed package runs by its bin: the version, and a fetch', async (t) => {
  const server = await httpServer(t, (_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<title>Packed</title>');
  });
  const { folder, manifest } = await installed(t);
  const command = join(folder, 'node_modules', '.bin', 'urlmill');
  const said = await run(command, ['--version'], { cwd: folder });
  t.is(said.stdout, `${manifest.version}\n`);
  const list = await run('sh', ['-c', `echo ${server.url}/ | "$0" -q --extract title,sha256`, command], {
    cwd: folder,
  });
  t.like(csvObjects(list.stdout)[0], { fetch_status: '200', fetch_title: 'Packed' });
  t.is(list.stderr, '');
});

test('the packed package holds what its manifest names, and neither tests nor sources', async (t) => {
  const { folder, manifest } = await installed(t);
  const home = join(folder, 'node_modules', 'urlmill');
  const files = (await readdir(home, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(home.length + 1));
  const wanted = [...Object.values(manifest.bin), ...Object.values(manifest.exports['.'])];
  t.deepEqual(
    wanted.filter((file) => !files.includes(file.replace(/^\.\//, ''))),
    [],
  );
  t.deepEqual(
    files.filter((file) => /(^|\/)(test|bench|demo|node_modules)\/|(?<!\.d)\.ts$/.test(file)),
    [],
  );
});

test('npm has nothing to warn of: no package that is installed has a script that runs then', async (t) => {
  const { manifest } = await installed(t);
  // `prepare` too: npm warns of it in a package that is installed from a file or an address.
  const atInstall = new Set(['preinstall', 'install', 'postinstall', 'prepare']);
  t.deepEqual(
    Object.keys(manifest.scripts ?? {}).filter((name) => atInstall.has(name)),
    [],
  );
  const lock = JSON.parse(await readFile(join(project, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { dev?: boolean; hasInstallScript?: boolean }>>;
  };
  const brought = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && dev !== true);
  t.true(brought.length >= Object.keys(manifest.dependencies).length);
  t.deepEqual(
    brought.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path),
    [],
  );
});
