import { debianPages } from '../debian-pages.ts';
import { measure } from '../measure.ts';
import { type Nginx, startNginx } from '../nginx.ts';
import type { Bench } from '../scenario.ts';
import { type UrlList, writeUrlList } from '../url-list.ts';

/**
 * Serves the pages of openjdk-17-doc by nginx while `use` runs. @param cores the cores for nginx; undefined:
 * all
 */
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
    // Fetch them once without measuring: otherwise only the first contestant would wait for the disk.
    await measure(['curl', '--disable', '--no-progress-meter', '--parallel', '--config', list.curl]);
    return await use(nginx, list);
  } finally {
    await nginx.stop();
  }
}
