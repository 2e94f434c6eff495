import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { standIn } from '../scale/stand-in.ts';

interface Case {
  /** The list, and the files named by options. */
  readonly files: Readonly<Record<string, string | Buffer>>;
  /** Names of the input files. Default: the list alone. */
  readonly lists?: readonly string[];
  readonly options?: readonly string[];
  /** Additional options of `submit`, for how the job is cut. */
  readonly cut?: readonly string[];
  readonly output?: string;
  /** Options for both `collect` and the run. */
  readonly format?: readonly string[];
}

/** Columns without measurements, which differ from run to run. */
const columns = [
  '--columns',
  'row,status,error,error_detail,url,type,bytes,redirects,redirect_chain,attempts',
];

/** The output of a run, and that of a job collected in order. */
async function both(
  t: ExecutionContext,
  { files, lists, options = [], ...rest }: Case,
): Promise<[Buffer, Buffer]> {
  const { cut = [], output = 'out.csv', format = [] } = rest;
  const server = await httpServer(t, ({ url, headers }, response) => {
    if (url.startsWith('/moved')) {
      response.statusCode = 302;
      response.setHeader('location', '/here');
    } else if (url.startsWith('/none')) response.statusCode = 404;
    response.setHeader('content-type', 'text/html');
    response.end(`<title>${headers.host}${url} ="é"</title><a href="/a,b">1</a><a href="/c">2</a>`);
  });
  const cwd = await temporaryFolder(t, files);
  const names = lists ?? [Object.keys(files)[0] ?? ''];
  const said = ['--connect-to', `::127.0.0.1:${server.port}`, '--retries', '0', ...columns, ...options];
  const plain = await urlmill([...said, ...format, '--ordered', '-o', output, ...names], { cwd });
  t.is(plain.code, 0, plain.stderr);
  const expected = await readFile(join(cwd, output));
  const submitted = await urlmill(
    ['submit', '--job', 'job', '--lanes', '7', '--piece-rows', '3', ...cut, ...said, ...names],
    { cwd },
  );
  t.is(submitted.code, 0, submitted.stderr);
  await standIn(join(cwd, 'job'));
  const collected = await urlmill(
    ['collect', '--job', 'job', '--ordered', ...format, '-o', `job-${output}`],
    {
      cwd,
    },
  );
  t.is(collected.code, 0, collected.stderr);
  return [expected, await readFile(join(cwd, `job-${output}`))];
}

/** URLs whose hosts recur, and rows without a host. */
const urls = Array.from({ length: 40 }, (_, index) =>
  index % 9 === 8
    ? ['', 'no url', 'ftp://x.example/', 'http://'][index % 4]
    : `http://h${index % 11}.example/${['', 'none', 'moved'][index % 3]}${index}`,
);
const list = ['name,URL,note', ...urls.map((url, index) => `n${index},${url},"a ""b"",\r\nc"`), ''].join(
  '\n',
);

const cases: Readonly<Record<string, Case>> = {
  CSV: { files: { 'list.csv': list } },
  'CSV, cut by domain and compressed': {
    files: { 'list.csv.gz': gzipSync(list) },
    cut: ['--lane-by', 'domain', '--compress'],
  },
  'CSV as JSON Lines': { files: { 'list.csv': list }, output: 'out.jsonl' },
  'CSV as a compressed file': { files: { 'list.csv': list }, output: 'out.csv.gz' },
  'CSV for Excel': { files: { 'list.csv': list }, format: ['--excel'], options: ['--extract', 'title'] },
  'CSV for Excel, as it was submitted': {
    files: { 'list.csv': list },
    options: ['--excel', '--extract', 'title'],
  },
  'TSV as TSV': {
    files: { 'list.tsv': 'url\tn\nhttp://a.example/\t"x\nhttp://b.example/\ty,"z"\n' },
    output: 'out.tsv',
  },
  'values of pages': {
    files: { 'list.csv': list },
    options: ['--extract', 'title,links', '--select', 'a*=a@href', '--regex', 'two=>(2)<', '--explode', 'a'],
  },
  'values of pages as JSON': {
    files: { 'list.csv': list },
    options: ['--extract', 'title,links', '--select', 'a*=a@href'],
    output: 'out.jsonl',
  },
  'rows of all lengths, and bytes that are no text': {
    files: {
      'list.csv': Buffer.concat([
        Buffer.from(
          'url,a,b\nhttp://a.example/,1,2\nhttp://b.example/\nhttp://c.example/,1,2,3,4\nhttp://d.example/,',
        ),
        Buffer.from([0xc3, 0x28, 0xff, 0x2c, 0xe9, 0x0a]),
        Buffer.from('http://e.example/,\0,\ufeff\n"http://f.example/\n'),
      ]),
    },
  },
  'no header': {
    files: { 'list.csv': 'http://a.example/,1\nhttp://b.example/,2\n' },
    options: ['--no-header'],
  },
  'a list': {
    files: { 'list.txt': '# a list\nhttp://a.example/ # first\n\nb.example/x\n' },
    options: ['--default-scheme', 'http'],
  },
  'JSON Lines': {
    files: {
      'list.jsonl':
        '{"url":"http://a.example/","n":12345678901234567890,"s":"\\udc80\\ud800","o":{"x":[1.0]}}\n{"url":"http://b.example/","other":1}\n{"url":7,"n":1,"s":2,"o":3}\nnot JSON\n',
    },
    options: ['--output-format', 'jsonl'],
    output: 'out.jsonl',
  },
  'JSON Lines as CSV': {
    files: {
      'list.jsonl':
        '{"url":"http://a.example/","n":1.0}\n{"url":"http://b.example/","other":1}\n{"url":"http://c.example/","n":[1]}\n',
    },
  },
  'several files, a template, headers from columns': {
    files: { 'one.csv': 'id,h\n1,a\n2,b\n', 'two.csv': 'id,h\n3,a\n' },
    lists: ['one.csv', 'two.csv'],
    options: ['--url-template', 'http://{h}.example/{id}', '-H', 'X-Id: {id}', '--limit', '3'],
  },
  'columns of an earlier run': {
    files: { 'list.csv': 'url,fetch_status,fetch_title\nhttp://a.example/,500,old\nhttp://b.example/,,\n' },
  },
  'cells and lines that are very long': {
    files: {
      'list.csv': `url,a\nhttp://a.example/,"${'""\n'.repeat(3_000_000)}"\nhttp://b.example/,${'b'.repeat(17_000_000)}\nhttp://c.example/,1\n`,
    },
  },
  'no row': { files: { 'list.csv': 'url,n\n' } },
  'names that are hostile': {
    files: {
      'list.csv': 'url,__proto__,constructor,toString,a;b,"\u001b[31m"\nhttp://a.example/,1,2,3,4,5\n',
    },
    output: 'out.jsonl',
  },
};

function shown(bytes: Buffer): string {
  return (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('latin1');
}

for (const [name, one] of Object.entries(cases)) {
  test(`a job gives the result of a run: ${name}`, async (t) => {
    const [plain, collected] = await both(t, one);
    t.true(plain.length > 0);
    t.is(shown(collected), shown(plain));
  });
}
