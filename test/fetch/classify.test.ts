import test from 'ava';

import type { FailureCode } from '../../src/failures.ts';
import { classify } from '../../src/fetch/classify.ts';
import type { Phase } from '../../src/fetch/classify.ts';

interface Fault {
  readonly code?: unknown;
  readonly name?: string;
  readonly message?: string;
}

type Expected = FailureCode | null;
/** By phase: connect, headers, body. */
type ByPhase = readonly [connect: Expected, headers: Expected, body: Expected];

const phases: readonly Phase[] = ['connect', 'headers', 'body'];

const classified = test.macro({
  exec: (t, { message = 'oops', ...properties }: Fault, expected: ByPhase) => {
    const error = Object.assign(new Error(message), properties);
    t.deepEqual(
      phases.map((phase) => classify(error, phase)),
      [...expected],
    );
  },
  title: (name, { code, message = '' }: Fault) => name ?? `${String(code)} ${message}`.trim(),
});

const always = (code: Expected): ByPhase => [code, code, code];

test(classified, { code: 'ECONNREFUSED' }, always('connect-refused'));
test(classified, { code: 'ETIMEDOUT' }, ['connect-timeout', 'http-closed', 'http-truncated']);
test(classified, { code: 'ECONNRESET' }, ['connect-reset', 'connect-reset', 'http-truncated']);
test(classified, { code: 'EPIPE' }, ['connect-reset', 'connect-reset', 'http-truncated']);
test(classified, { code: 'EHOSTUNREACH' }, ['connect-unreachable', 'http-closed', 'http-truncated']);
test(classified, { code: 'ENETUNREACH' }, ['connect-unreachable', 'http-closed', 'http-truncated']);
test(classified, { code: 'EADDRNOTAVAIL' }, ['connect-unreachable', 'http-closed', 'http-truncated']);

test(classified, { code: 'CERT_HAS_EXPIRED' }, always('tls-expired'));
test(classified, { code: 'CERT_NOT_YET_VALID' }, always('tls-expired'));
test(classified, { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, always('tls-self-signed'));
test(classified, { code: 'SELF_SIGNED_CERT_IN_CHAIN' }, always('tls-self-signed'));
test(classified, { code: 'UNABLE_TO_GET_ISSUER_CERT' }, always('tls-unknown-issuer'));
test(classified, { code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' }, always('tls-unknown-issuer'));
test(classified, { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }, always('tls-unknown-issuer'));
test(classified, { code: 'CERT_UNTRUSTED' }, always('tls-unknown-issuer'));
test(classified, { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, always('tls-wrong-host'));
test(classified, { code: 'CERT_REVOKED' }, always('tls-handshake'));
test(classified, { code: 'CERT_SIGNATURE_FAILURE' }, always('tls-handshake'));
test(classified, { code: 'CRL_HAS_EXPIRED' }, always('tls-handshake'));
test(classified, { code: 'ERR_SSL_WRONG_VERSION_NUMBER' }, always('tls-handshake'));
test(classified, { code: 'ERR_TLS_HANDSHAKE_TIMEOUT' }, always('tls-handshake'));
test(classified, { code: 'EPROTO' }, always('tls-handshake'));
test(classified, { code: 'HOSTNAME_MISMATCH' }, always('tls-handshake'));
test(classified, { code: 'INVALID_CA' }, always('tls-handshake'));
test(classified, { code: 'INVALID_PURPOSE' }, always('tls-handshake'));
test(classified, { code: 'PATH_LENGTH_EXCEEDED' }, always('tls-handshake'));
test(classified, { code: 'UNABLE_TO_DECRYPT_CERT_SIGNATURE' }, always('tls-handshake'));

test(classified, { code: 'UND_ERR_HEADERS_OVERFLOW' }, always('headers-too-large'));
test(classified, { code: 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' }, [
  'http-malformed',
  'http-malformed',
  'http-truncated',
]);
test(classified, { code: 'UND_ERR_SOCKET', message: 'other side closed' }, [
  'http-closed',
  'http-closed',
  'http-truncated',
]);
test(classified, { code: 'UND_ERR_SOCKET', message: 'bad response' }, always('http-malformed'));
test(classified, { code: 'UND_ERR_SOCKET', message: 'bad upgrade' }, always('http-malformed'));
test(
  'a broken reply',
  classified,
  { name: 'HTTPParserError', message: 'Response does not match the HTTP/1.1 protocol (Invalid character)' },
  always('http-malformed'),
);
test(
  'an end where the parser expects more',
  classified,
  { name: 'HTTPParserError', message: 'Response does not match the HTTP/1.1 protocol (Invalid EOF state)' },
  ['http-malformed', 'http-malformed', 'http-truncated'],
);

test('no code at all is a bug', classified, {}, always(null));
test('a code that is no text is a bug', classified, { code: 7 }, always(null));
test('a fault in how undici is used is a bug', classified, { code: 'UND_ERR_INVALID_ARG' }, always(null));
test('a fault in how Node is used is a bug', classified, { code: 'ERR_INVALID_ARG_TYPE' }, always(null));
test('an assertion is a bug', classified, { code: 'ERR_ASSERTION', name: 'AssertionError' }, always(null));
test('a TypeError is a bug', (t) => {
  t.is(classify(new TypeError('x is not a function'), 'headers'), null);
});

test('several addresses of one name are judged by their common code', (t) => {
  const errors = [new Error('one'), new Error('two')];
  const error = Object.assign(new AggregateError(errors), { code: 'ECONNREFUSED' });
  t.is(classify(error, 'connect'), 'connect-refused');
});
