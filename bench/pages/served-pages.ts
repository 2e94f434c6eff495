import { debianPages } from '../debian-pages.ts';
import { measure } from '../measure.ts';
import { type Nginx, startNginx } from '../nginx.ts';
import type { Bench } from '../scenario.ts';
import { type UrlList, writeUrlList } from '../url-list.ts';

/** Has an nginx serve the pages of openjdk-17-doc as long as `use` takes, on some of the cores or on all. */
export async function withServedPages<T>(
  bench: Bench,
  cores: string | undefined,
  use: (nginx: Nginx, list: UrlList) => Promise<T>,
): Promise<T> {
  const { root, paths } = await debianPages(bench.urls);
  const nginx = await startNginx({
    dir: bench.dir,
    ...(cores === undefined ? {} : { cores }),
    http: 'types { text/html html; } open_file_cache max=20000; open_file_cache_valid 1h;',
    locations: `location / { root '${root}'; }`,
  });
  try {
    const urls = paths.map((path) => `${nginx.origin}/${path.split('/').map(encodeURIComponent).join('/')}`);
    const list = await writeUrlList(bench.dir, 'pages', urls);
    // Once for nobody: otherwise the first contestant alone would wait for the disk.
    await measure(['curl', '--disable', '--no-progress-meter', '--parallel', '--config', list.curl]);
    return await use(nginx, list);
  } finally {
    await nginx.stop();
  }
}
