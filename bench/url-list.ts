import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Files with the same list of URLs, in the formats that contestants read. */
export interface UrlList {
  readonly count: number;
  /**
   * A CSV with one column `url`. The benchmark's URLs need no quotes, so its lines can be read without a CSV
   * parser.
   */
  readonly csv: string;
  /** A URL per line, without a header. */
  readonly plain: string;
  /** For `curl --config`: each body is a separate output, as in real use, but goes to /dev/null. */
  readonly curl: string;
  /** For `curl --config`: all bodies go to standard output. */
  readonly curlStdout: string;
}

export async function writeUrlList(dir: string, name: string, urls: readonly string[]): Promise<UrlList> {
  const list = {
    count: urls.length,
    csv: join(dir, `${name}.csv`),
    plain: join(dir, `${name}.txt`),
    curl: join(dir, `${name}.curl`),
    curlStdout: join(dir, `${name}-stdout.curl`),
  };
  await Promise.all([
    writeFile(list.csv, lines(['url', ...urls])),
    writeFile(list.plain, lines(urls)),
    writeFile(list.curl, lines(urls.map((url) => `url=${url}\noutput=/dev/null`))),
    writeFile(list.curlStdout, lines(urls.map((url) => `url=${url}`))),
  ]);
  return list;
}

/** `count` different URLs of one host. */
export const numberedUrls = (origin: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${origin}/item/${i + 1}`);

const lines = (all: readonly string[]): string => `${all.join('\n')}\n`;
