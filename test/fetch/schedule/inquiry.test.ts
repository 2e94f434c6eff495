import test from 'ava';

import { inquiryOf } from '../../../src/fetch/schedule/inquiry.ts';
import { newTask } from '../../../src/fetch/schedule/task.ts';
import { parseTarget } from '../../../src/fetch/request/target.ts';
import type { Target } from '../../../src/fetch/request/target.ts';
import { row } from '../../helpers/fetch.ts';

const url = 'https://a.test/list';
const request = { headers: [], ownHeaders: ['x-key', '1'], hostHeaders: [], body: null };
const task = newTask(row({ url }), 0, request, parseTarget(url) as Target, 'GET', false);

function asked(path: string, staysAtHost: boolean): unknown {
  const inquiry = inquiryOf(task, { url: path }, () => {}, staysAtHost);
  return 'error' in inquiry ? inquiry : [inquiry.target.href, inquiry.request.ownHeaders];
}

test('where a worker has the rows of its hosts alone, no other host is asked', (t) => {
  const denied = { error: 'redirect-denied', detail: 'it is at another host: b.test' };
  t.deepEqual(asked('https://b.test/', true), denied);
  t.deepEqual(asked('https://b.test/', false), ['https://b.test/', []]);
  t.deepEqual(asked('/part', true), ['https://a.test/part', ['x-key', '1']]);
  t.deepEqual(asked('http://a.test:8080/', true), ['http://a.test:8080/', []]);
});
