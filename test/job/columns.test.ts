import test from 'ava';

import { UsageError } from '../../src/shared/errors.ts';
import { jobColumns } from '../../src/job/columns.ts';

const nowhere = { urlColumn: undefined, urlTemplate: undefined };
const ordinary = { ...nowhere, columns: '', prefix: 'fetch_', retryFailed: undefined };

test('an ordinary job writes the columns that are said, and they are its own with those of the processors', (t) => {
  const { added, own } = jobColumns({ ...ordinary, columns: 'status,url' }, ['price']);
  t.like(added, { results: ['status', 'url'], processed: ['price'], prefix: 'fetch_' });
  t.like(own, {
    status: 'fetch_status',
    error: 'fetch_error',
    copies: false,
  });
});

test('what an earlier run may have written is left out, and is no column of URLs', (t) => {
  const { added, own } = jobColumns({ ...ordinary, columns: 'status' }, ['price']);
  const out = added.outdated?.(['url', 'fetch_title']);
  for (const name of ['fetch_status', 'fetch_remote_ip', 'fetch_title', 'fetch_file']) {
    t.true(out?.has(name) === true && own.names.has(name), name);
  }
  t.false(out?.has('url') === true || out?.has('fetch_own') === true);
  t.is(jobColumns({ ...ordinary, prefix: '' }, []).added.outdated, undefined);
});

test('a second pass writes the columns of its file, and all that may be of an earlier run are its own', (t) => {
  const { added, own } = jobColumns({ ...ordinary, retryFailed: 'old.csv' }, ['price']);
  t.is(added.results, null);
  for (const name of ['fetch_status', 'fetch_remote_ip', 'fetch_title']) {
    t.true(added.earlier?.has(name) === true && own.names.has(name), name);
  }
  t.true(own.names.has('price'));
  t.true(own.copies);
});

test('a second pass writes the columns that are said', (t) => {
  const { added } = jobColumns({ ...ordinary, columns: '-url', retryFailed: 'old.csv' }, []);
  t.false(added.results?.includes('url'));
  t.true(added.results?.includes('status'));
});

test('without a prefix the columns of extractors may be the user’s', (t) => {
  const { added } = jobColumns({ ...ordinary, prefix: '', retryFailed: 'old.csv' }, []);
  t.true(added.earlier?.has('status'));
  t.false(added.earlier?.has('title'));
});

test('a column that there is not is refused', (t) => {
  t.throws(() => jobColumns({ ...ordinary, columns: 'speed' }, []), { instanceOf: UsageError });
});
