import test from 'ava';

import { ResponsePage } from '../../src/page/page.ts';
import { headerProcessor } from '../../src/process/response-header.ts';

const table = { names: [], header: true };
const headers = ['Set-Cookie', 'a=1; expires=Thu, 01 Jan', 'X-A', '1, 2', 'set-cookie', 'b=2'];
const page = new ResponsePage({ cells: [], table }, 'http://a.test/', 200, headers, '', Buffer.alloc(0));

test('several values are joined, or one each', (t) => {
  const processor = headerProcessor(['c=SET-cookie', 'd*=SET-cookie', 'a*=x-a', 'n*=none', 'o=none']);
  t.deepEqual(processor.columns, ['c', 'd', 'a', 'n', 'o']);
  t.deepEqual(processor.process(page), {
    c: 'a=1; expires=Thu, 01 Jan, b=2',
    d: ['a=1; expires=Thu, 01 Jan', 'b=2'],
    a: ['1, 2'],
    n: [],
    o: undefined,
  });
});
