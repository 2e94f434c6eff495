import test from 'ava';

import type { FailureCode } from '../../../src/shared/failures.ts';
import { classify, knownFailure, unknownWords, wordsOf } from '../../../src/fetch/http/classify.ts';
import type { Phase } from '../../../src/fetch/http/classify.ts';
import { ConnectError, HandshakeError } from '../../../src/fetch/connect/shape.ts';

interface Fault {
  readonly code?: unknown;
  readonly name?: string;
  readonly message?: string;
}

/** Expected codes by phase: connect, headers, body. */
type ByPhase = readonly [connect: FailureCode, headers: FailureCode, body: FailureCode];

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

const always = (code: FailureCode): ByPhase => [code, code, code];

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
/** Within a body, a TLS failure only means that the body is incomplete. */
const tls: ByPhase = ['tls-handshake', 'tls-handshake', 'http-truncated'];
test(classified, { code: 'CERT_REVOKED' }, tls);
test(classified, { code: 'CERT_SIGNATURE_FAILURE' }, tls);
test(classified, { code: 'CRL_HAS_EXPIRED' }, tls);
test(classified, { code: 'ERR_SSL_WRONG_VERSION_NUMBER' }, tls);
test(classified, { code: 'ERR_TLS_HANDSHAKE_TIMEOUT' }, tls);
test(classified, { code: 'EPROTO' }, tls);
test(classified, { code: 'HOSTNAME_MISMATCH' }, tls);
test(classified, { code: 'INVALID_CA' }, tls);
test(classified, { code: 'INVALID_PURPOSE' }, tls);
test(classified, { code: 'PATH_LENGTH_EXCEEDED' }, tls);
test(classified, { code: 'UNABLE_TO_DECRYPT_CERT_SIGNATURE' }, tls);

test(classified, { code: 'UNSPECIFIED' }, tls);
test(classified, { code: 'ERROR_IN_CERT_NOT_AFTER_FIELD' }, tls);
test(classified, { code: 'ERR_OSSL_EVP_UNSUPPORTED' }, tls);

const unknown: ByPhase = ['connect-unreachable', 'http-malformed', 'http-truncated'];
test('unknown: no code', classified, {}, unknown);
test('unknown: a code that is no text', classified, { code: 7 }, unknown);
test('unknown: a code of Node', classified, { code: 'ERR_INVALID_ARG_TYPE' }, unknown);
test('unknown: an assertion', classified, { code: 'ERR_ASSERTION', name: 'AssertionError' }, unknown);
test('unknown: a TypeError', classified, { name: 'TypeError' }, unknown);
test('unknown: a code of a library', classified, { code: 'LIB_ERR_INFO' }, unknown);

const handshake = test.macro({
  exec: (t, code: string, expected: FailureCode, isKnown: boolean) => {
    const error = new HandshakeError(Object.assign(new Error('oops'), { code }));
    t.is(classify(error, 'connect'), expected);
    t.is(knownFailure(error, 'connect'), isKnown ? expected : null);
    t.is(error.message, 'oops');
  },
  title: (_, code: string) => `during the handshake: ${code}`,
});
test(handshake, 'ODD', 'tls-handshake', false);
test(handshake, '', 'tls-handshake', false);
test(handshake, 'UNSPECIFIED', 'tls-handshake', true);
test(handshake, 'CERT_HAS_EXPIRED', 'tls-expired', true);
test(handshake, 'ECONNRESET', 'connect-reset', true);
test(handshake, 'ETIMEDOUT', 'connect-timeout', true);
test(handshake, 'EHOSTUNREACH', 'connect-unreachable', true);

test('what the error itself says goes before its phase', (t) => {
  t.is(classify(new ConnectError('address-denied', ''), 'body'), 'address-denied');
});

test('words for an unknown error name the server, the code and what it says', (t) => {
  const error = Object.assign(new Error('oops'), { code: 'ODD' });
  const beginning = 'https://a.test: urlmill does not know the error that a request ended with';
  t.true(unknownWords(error, 'https://a.test').startsWith(`${beginning} (ODD: oops); `));
  t.is(unknownWords(new HandshakeError(error), 'https://a.test'), unknownWords(error, 'https://a.test'));
  t.true(unknownWords(new TypeError(''), 'https://a.test').startsWith(`${beginning} (TypeError); `));
});

test('several addresses of one name are judged by their common code', (t) => {
  const errors = [new Error('one'), new Error('two')];
  const error = Object.assign(new AggregateError(errors), { code: 'ECONNREFUSED' });
  t.is(classify(error, 'connect'), 'connect-refused');
});

const words = test.macro((t, message: string, expected: string) =>
  t.is(wordsOf(new Error(message)), expected),
);

test(
  'words of OpenSSL are its reason alone',
  words,
  'C0D7F2:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl/openssl/ssl/record/ssl3_record.c:355:\n',
  'wrong version number',
);
test(
  'behind a call of the system, with what follows',
  words,
  'write EPROTO 40A7:error:0A000410:SSL routines:ssl3_read_bytes:ssl/tls alert handshake failure:../deps/s3.c:1605:SSL alert number 40\n',
  'write EPROTO ssl/tls alert handshake failure',
);
test('two of them', words, 'A1:error:0A:x:y:one:f.c:1:\nB2:error:0B:x:y:two:g.c:2:\n', 'one two');
test(
  'a function that has no name',
  words,
  'A1:error:0A000126:SSL routines::unexpected eof while reading:f.c:3:',
  'unexpected eof while reading',
);
test('words are one line', words, 'a\n\tb\r\n c', 'a b c');
test('an error without words has its name', words, '', 'Error');

test('names of a hostile certificate take no long time', (t) => {
  const names = `Host: a.test. is not in the cert's altnames: DNS:${'a'.repeat(500_000)}`;
  t.is(wordsOf(new Error(names)), names);
});
