import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** The run ends with code 2 and lists the choices if the input does not show how to read it. */
const asks = test.macro({
  exec: async (t, content: string, message: RegExp, name: string = 'in.csv') => {
    const cwd = await temporaryFolder(t, { [name]: content });
    const { code, stdout, stderr } = await urlmill([name], { cwd });
    t.regex(stderr, message);
    t.regex(stderr, /^urlmill: [^\n]+\n$/);
    t.is(stdout, '');
    t.is(code, 2);
  },
  title: (what) => `${what}: code 2 and the candidates`,
});

test(
  'no column that looks like URLs',
  asks,
  'id,place\n1,here\n2,there\n',
  /no column looks like URLs; name one with --url-column: "id" \("1"\), "place" \("here"\)/,
);
test(
  'two columns whose names say URL',
  asks,
  'id,url,Homepage\n1,http://127.0.0.1:1/,http://127.0.0.1:1/\n',
  /several columns may hold the URL; choose one with --url-column: "url", "Homepage"/,
);
test(
  'two columns full of URLs',
  asks,
  'a,b,c\n1,http://127.0.0.1:1/,http://127.0.0.1:1/\n',
  /several columns may hold the URL; choose one with --url-column: "b", "c"/,
);
test(
  'lines that may be a list or a CSV without a header',
  asks,
  'http://127.0.0.1:1/a,http://127.0.0.1:1/b\nhttp://127.0.0.1:1/c,http://127.0.0.1:1/d\n',
  /in: .*--no-header or --input-format lines/,
  'in',
);
test(
  'two columns of the wanted name',
  asks,
  'id,url,url\n1,http://127.0.0.1:1/,http://127.0.0.1:1/\n',
  /several columns may hold the URL; .*"url", "url"/,
);
