import test from 'ava';

import { UsageError } from '../../src/shared/errors.ts';
import { findDialect } from '../../src/read/format.ts';
import type { InputFormat } from '../../src/read/dialect.ts';

interface Said {
  readonly inputFormat?: InputFormat;
  readonly delimiter?: string;
  readonly noHeader?: boolean;
}

const gives = test.macro(
  (t, head: string, name: string, format: InputFormat, delimiter: string, said: Said = {}) => {
    const found = findDialect(head, name, said);
    t.deepEqual({ format: found.format, delimiter: found.syntax.delimiter }, { format, delimiter });
  },
);

const stdin = 'standard input';

test('a header with commas is CSV', gives, 'url,name\n', stdin, 'csv', ',');
test('a header with semicolons is CSV', gives, 'url;name\n', stdin, 'csv', ';');
test('a header with bars is CSV', gives, 'url|name\n', stdin, 'csv', '|');
test('a header with tabs is TSV', gives, 'url\tname\n', stdin, 'tsv', '\t');
test('a header of one column has the comma', gives, 'url\n', stdin, 'csv', ',');
test('the delimiter that the header has most of counts', gives, 'a,b;c;d|e\n', stdin, 'csv', ';');
test('a delimiter within quotes does not count', gives, '"a,b,c,d";"e,f"\n', stdin, 'csv', ';');
test('the rows have no say in the delimiter', gives, 'url;name\na,b,c,d,e\n', stdin, 'csv', ';');
test('the header ends at a CR', gives, 'url;name\ra,b,c,d\r', stdin, 'csv', ';');
test('blank lines before the header are passed over', gives, '\n \r\nurl;name\na,b,c\n', stdin, 'csv', ';');
test(
  'a header cell that holds a newline is no end of the header',
  gives,
  '"name, full\n(en, de)";"url"\n',
  stdin,
  'csv',
  ';',
);

test('.tsv means tab', gives, 'a,b,c\td\n', 'in.tsv', 'tsv', '\t');
test('.tab means tab', gives, 'a,b,c\td\n', 'in.tab', 'tsv', '\t');
test('.csv says nothing of the delimiter', gives, 'a\tb\n', 'in.csv', 'csv', '\t');
test('.csv is no URL list, whatever is in it', gives, 'https://a.org\n', 'in.csv', 'csv', ',');
test('.jsonl is JSON Lines', gives, 'a,b\n', 'in.jsonl', 'jsonl', ',');
test('.ndjson is JSON Lines', gives, 'a,b\n', 'in.ndjson', 'jsonl', ',');
test('the case of a name does not matter', gives, 'a,b,c\td\n', 'IN.TSV', 'tsv', '\t');
test('.gz is looked behind', gives, 'a,b,c\td\n', 'in.tsv.gz', 'tsv', '\t');
test('.br is looked behind', gives, 'a,b\n', 'in.jsonl.br', 'jsonl', ',');
test('.zst is looked behind', gives, 'a,b\n', 'in.ndjson.zst', 'jsonl', ',');
test('a folder named .tsv says nothing', gives, 'a,b\n', 'in.tsv/data', 'csv', ',');
test('a name that says nothing leaves it to the lines', gives, 'a;b\n', 'in.txt', 'csv', ';');

test('the said format beats the name', gives, 'a\tb\n', 'in.jsonl', 'csv', '\t', { inputFormat: 'csv' });
test('the said format beats the lines', gives, '{"a":1}\n', stdin, 'lines', ',', { inputFormat: 'lines' });
test('said to be TSV, tab it is', gives, 'a,b,c\td\n', stdin, 'tsv', '\t', { inputFormat: 'tsv' });
test('said to be JSON Lines', gives, 'a,b\n', 'in.csv', 'jsonl', ',', { inputFormat: 'jsonl' });
test('the said delimiter beats the header', gives, 'a,b,c;d\n', stdin, 'csv', ';', { delimiter: ';' });
test('the said delimiter beats .tsv', gives, 'a\tb\n', 'in.tsv', 'tsv', ',', { delimiter: ',' });
test('the delimiter may be spelt tab', gives, 'a,b\n', stdin, 'tsv', '\t', { delimiter: 'tab' });
test(String.raw`the delimiter may be spelt \t`, gives, 'a,b\n', stdin, 'tsv', '\t', { delimiter: '\\t' });
test('the delimiter may be a tab itself', gives, 'a,b\n', stdin, 'tsv', '\t', { delimiter: '\t' });
test('who says a delimiter has no list', gives, 'https://a.org;b\n', stdin, 'csv', ';', { delimiter: ';' });
test('who says a delimiter has no JSON', gives, '{a};b\n', stdin, 'csv', ';', { delimiter: ';' });

test('an object in the first line is JSON Lines', gives, '{"url":"a"}\n', stdin, 'jsonl', ',');
test('blanks before the object do not matter', gives, '\r\n  {"url":"a"}\n', stdin, 'jsonl', ',');

test('URLs alone are a list', gives, 'https://a.org/\nhttp://b.org/\n', stdin, 'lines', ',');
test('one URL alone is a list', gives, 'https://a.org/x,y\n', stdin, 'lines', ',');
test('URLs without // are a list too', gives, 'https://a.org/\nmailto:a@b.org\n', stdin, 'lines', ',');
test('host names alone are a list', gives, 'a.org\nwww.b.org\n', stdin, 'lines', ',');
test('a space in a path leaves a list a list', gives, 'a.org:8080/x y\nb.org\n', stdin, 'lines', ',');
test('the case of host names does not matter', gives, 'A.ORG\nWww.B.org\n', stdin, 'lines', ',');
test('spaces around host names do not matter', gives, ' a.org \n\tb.org\n', stdin, 'lines', ',');
test('blank lines leave a list a list', gives, 'https://a.org\n \n\nhttps://b.org\n', stdin, 'lines', ',');
test('host names with port or path are a list', gives, 'a.org:8080/x\nb.org/?q\n', stdin, 'lines', ',');
test('a word above host names is a header', gives, 'site\na.org\nb.org\n', stdin, 'csv', ',');
test('a word above URLs is a header', gives, 'page\nhttps://a.org\n', stdin, 'csv', ',');
test('a dotted name above URLs is a header', gives, 'page.url\nhttps://a.org\n', stdin, 'csv', ',');
test('commas here and there leave it a list', gives, 'http://a.org/,\nhttp://b.org\n', stdin, 'lines', ',');
test('a list without a header is a list', gives, 'http://a.org\n', stdin, 'lines', ',', { noHeader: true });
test('a first line with a scheme is no header', gives, 'https://a.org\nwww.b.org\n', stdin, 'lines', ',');
test(
  'cells beside the URL are a CSV where it has no header',
  gives,
  'https://a.org,1\nhttps://b.org,2\n',
  stdin,
  'csv',
  ',',
  { noHeader: true },
);

test(
  'one URL of many without a comma makes it a list',
  gives,
  `${'https://a.org,1\n'.repeat(50)}https://b.org\n`,
  stdin,
  'lines',
  ',',
);
test(
  'one line of many that is no URL leaves it a list',
  gives,
  `a.org\n${'b.org\n'.repeat(50)}something else\n`,
  stdin,
  'lines',
  ',',
);

const ambiguous = test.macro((t, head: string) => {
  t.throws(() => findDialect(head, 'in.txt', {}), {
    instanceOf: UsageError,
    message:
      'in.txt: may be a CSV without a header or a list of URLs; say which: --no-header or --input-format lines',
  });
});

test('URLs with as many commas each may be either', ambiguous, 'https://a.org,1\nhttps://b.org,2\n');
test('host names with as many commas each may be either', ambiguous, 'a.org/x,1\nb.org/y,2\n');
test('URLs with as many tabs each may be either', ambiguous, 'https://a.org\t1\nhttps://b.org\t2\n');

test('a list of addresses has no header', gives, '192.0.2.1\n192.0.2.2:8080\n', stdin, 'lines', ',');
test('a list of names beyond ASCII has no header', gives, 'münchen.example\nb.org\n', stdin, 'lines', ',');
