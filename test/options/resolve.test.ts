import test from 'ava';

import { UsageError } from '../../src/shared/errors.ts';
import {
  environmentLayer,
  isOption,
  libraryLayer,
  namedLayer,
  readSaid,
  resolveOptions,
} from '../../src/options/resolve.ts';
import type { Layer } from '../../src/options/resolve.ts';
import { flagName, inputOptions, requestOptions } from '../../src/options/table.ts';

function commandLine(said: object): Layer {
  return { said: new Map(Object.entries(said)), label: (name) => `--${flagName(name)}` };
}

function file(said: object): Layer {
  return namedLayer(said, (name) => `job.json: ${name}`);
}

test('without layers all options have their defaults', (t) => {
  t.deepEqual(resolveOptions([]), {
    urlColumn: undefined,
    urlTemplate: undefined,
    defaultScheme: 'https',
    delimiter: undefined,
    noHeader: false,
    headerLine: false,
    inputFormat: undefined,
    quote: undefined,
    encoding: undefined,
    escape: undefined,
    comment: undefined,
    skipLines: 0,
    limit: undefined,
    concurrency: 100,
    perHost: 6,
    hostRate: undefined,
    rate: undefined,
    lookAhead: 10_000,
    timeout: 30_000,
    connectTimeout: 10_000,
    retries: 3,
    maxWait: 120_000,
    networkWait: 600_000,
    once: false,
    head: false,
    followMeta: false,
    cookies: undefined,
    netrc: undefined,
    secretParam: [],
    onceMemory: 64_000_000,
    maxRedirects: 20,
    maxBody: 10_000_000,
    maxText: 10_000_000,
    method: undefined,
    header: [],
    userAgent: undefined,
    data: undefined,
    dataFile: undefined,
    proxy: undefined,
    ca: undefined,
    cacert: undefined,
    aia: true,
    cert: undefined,
    key: undefined,
    insecure: false,
    connectTo: [],
    dnsServer: [],
    denyPrivate: false,
    allowPrivate: false,
    robots: false,
    retryStatus: undefined,
    strict: false,
    extract: undefined,
    saveBodies: undefined,
    select: [],
    json: [],
    xpath: [],
    regex: [],
    responseHeader: [],
    body: undefined,
    module: undefined,
    moduleOption: [],
    explode: undefined,
    next: undefined,
    maxPages: 10,
    saveFormat: 'files',
    warcRedirects: true,
    saveAs: undefined,
    saveClash: 'number',
    saveWhen: undefined,
    skipSaved: false,
    threads: 'auto',
    processTimeout: 10_000,
    output: undefined,
    outputFormat: undefined,
    outputDelimiter: undefined,
    outputBom: false,
    crlf: false,
    excelSafe: false,
    excel: false,
    columns: '',
    prefix: 'fetch_',
    retryFailed: undefined,
    since: undefined,
    changeBy: undefined,
    sinceMemory: 256_000_000,
    ordered: false,
    resume: false,
    failOn: undefined,
    timeLimit: undefined,
    maxFailures: undefined,
    grace: 5000,
    progress: 'auto',
    logFormat: 'text',
    quiet: false,
    summary: undefined,
    metrics: undefined,
  });
});

const wins = test.macro((t, layers: readonly Layer[], expected: number) => {
  t.is(resolveOptions(layers).concurrency, expected);
});

const [said, variable, job] = [
  commandLine({ concurrency: '1' }),
  environmentLayer({ URLMILL_CONCURRENCY: '2' }),
  file({ concurrency: 3 }),
];

test('the command line beats the environment and the file', wins, [said, variable, job], 1);
test('the environment beats the file', wins, [commandLine({}), variable, job], 2);
test('the file beats the default', wins, [commandLine({}), environmentLayer({}), job], 3);
test('nobody said it: the default', wins, [commandLine({}), environmentLayer({}), file({ perHost: 3 })], 100);
test('undefined is not said', wins, [libraryLayer({ concurrency: undefined }), job], 3);

test('false is said', (t) => {
  t.false(resolveOptions([commandLine({ ordered: false }), file({ ordered: true })]).ordered);
});

test('an empty text is said', (t) => {
  t.is(resolveOptions([environmentLayer({ URLMILL_PREFIX: '' }), file({ prefix: 'x_' })]).prefix, '');
});

test('each option has its own first layer', (t) => {
  const layers = [
    commandLine({ perHost: '9' }),
    environmentLayer({ URLMILL_TIMEOUT: '1s' }),
    file({ timeout: '2s', quiet: true }),
  ];
  t.like(resolveOptions(layers), { perHost: 9, timeout: 1000, quiet: true });
});

test('lists of two layers are not joined', (t) => {
  const layers = [commandLine({ header: ['A: 1'] }), file({ header: ['B: 2', 'C: 3'] })];
  t.deepEqual(resolveOptions(layers).header, ['A: 1']);
});

test('a value that loses is not looked at', (t) => {
  t.is(resolveOptions([said, file({ concurrency: 'many' })]).concurrency, 1);
});

const refuses = test.macro((t, layer: Layer, message: string) => {
  t.throws(() => resolveOptions([layer]), { instanceOf: UsageError, message });
});

const reason = 'a size like 64kB, 10MB or 1GiB (at most 4GiB) is needed, got "x"';

test('the command line is quoted as a flag', refuses, commandLine({ maxBody: 'x' }), `--max-body: ${reason}`);
test(
  'the environment is quoted as a variable',
  refuses,
  environmentLayer({ URLMILL_MAX_BODY: 'x' }),
  `URLMILL_MAX_BODY: ${reason}`,
);
test('a file is quoted by its name', refuses, file({ maxBody: 'x' }), `job.json: maxBody: ${reason}`);
test('the library is quoted as it is', refuses, libraryLayer({ maxBody: 'x' }), `maxBody: ${reason}`);
test('the layer that is wrong is quoted, not another', (t) => {
  const layers = [
    commandLine({ perHost: '1' }),
    environmentLayer({ URLMILL_MAX_BODY: 'x' }),
    file({ maxBody: 1 }),
  ];
  t.throws(() => resolveOptions(layers), { message: `URLMILL_MAX_BODY: ${reason}` });
});

const unknown = test.macro((t, layer: () => Layer, message: string) => {
  t.throws(layer, { instanceOf: UsageError, message });
});

test(
  'the library knows its options',
  unknown,
  () => libraryLayer({ retry: 3 }),
  'retry: there is no such option; did you mean retryStatus or retryFailed?',
);
test(
  'a file knows its options',
  unknown,
  () => file({ retry: 3 }),
  'job.json: retry: there is no such option; did you mean retryStatus or retryFailed?',
);
test(
  'an option in kebab-case is none of the library',
  unknown,
  () => libraryLayer({ 'max-body': 1 }),
  'max-body: there is no such option; did you mean maxBody?',
);
test(
  'a property of objects is no option',
  unknown,
  () => libraryLayer({ toString: 1 }),
  'toString: there is no such option',
);
test(
  'an option that is to come is none yet',
  unknown,
  () => libraryLayer({ followLinks: 3 }),
  'followLinks: there is no such option',
);
test(
  'an unknown name is told even where nothing is said',
  unknown,
  () => libraryLayer({ retry: undefined }),
  'retry: there is no such option; did you mean retryStatus or retryFailed?',
);

const reads = test.macro((t, environment: Readonly<Record<string, string | undefined>>, expected: object) => {
  t.deepEqual(Object.fromEntries(environmentLayer(environment).said), expected);
});

test('variables of others do not matter', reads, { PATH: '/bin', URLMILL: '1', XURLMILL_QUIET: '1' }, {});
test(
  'a variable is an option',
  reads,
  { URLMILL_PER_HOST: '3', URLMILL_NO_HEADER: '1' },
  { perHost: '3', noHeader: '1' },
);
test('a list has one value a line', reads, { URLMILL_HEADER: 'A: 1\nB: 2' }, { header: ['A: 1', 'B: 2'] });
test('a text may hold line ends', reads, { URLMILL_DATA: 'a\nb' }, { data: 'a\nb' });
test('the config file is no option', reads, { URLMILL_CONFIG: 'job.json' }, {});
test(
  'the queue of workers, exported for all of a shell, is no option of a run',
  reads,
  { URLMILL_QUEUE: 'redis://q' },
  {},
);
test('a variable may be unset', reads, { URLMILL_HEADER: undefined }, { header: undefined });

test(
  'a variable that is no option is told',
  unknown,
  () => environmentLayer({ URLMILL_SPEED: '3' }),
  'URLMILL_SPEED: there is no such option',
);
test(
  'the case of a variable matters',
  unknown,
  () => environmentLayer({ URLMILL_perHost: '3' }),
  'URLMILL_perHost: there is no such option; did you mean URLMILL_PER_HOST?',
);

test('a switch of the environment is read', (t) => {
  t.like(resolveOptions([environmentLayer({ URLMILL_ORDERED: '1', URLMILL_QUIET: 'false' })]), {
    ordered: true,
    quiet: false,
  });
});

test('a stage gets its own options', (t) => {
  t.deepEqual(readSaid(inputOptions, { delimiter: ';' }), {
    urlColumn: undefined,
    urlTemplate: undefined,
    defaultScheme: 'https',
    delimiter: ';',
    noHeader: false,
    headerLine: false,
    inputFormat: undefined,
    quote: undefined,
    encoding: undefined,
    escape: undefined,
    comment: undefined,
    skipLines: 0,
    limit: undefined,
  });
});

test('a stage takes values as the command takes them', (t) => {
  t.like(readSaid(requestOptions, { timeout: '5s', maxBody: 5, perHost: '2', header: 'A: 1' }), {
    timeout: 5000,
    maxBody: 5,
    perHost: 2,
    header: ['A: 1'],
  });
});

test('a stage knows its options', (t) => {
  const mixed: object = { delimiter: ';', concurrency: 3 };
  t.throws(() => readSaid(inputOptions, mixed), {
    instanceOf: UsageError,
    message: 'concurrency: there is no such option',
  });
});

test('a stage quotes an option as it is', (t) => {
  t.throws(() => readSaid(requestOptions, { perHost: 0 }), {
    instanceOf: UsageError,
    message: 'perHost: a whole number of at least 1 is needed, got 0',
  });
});

test('options are told from other names', (t) => {
  t.true(isOption('maxBody'));
  t.false(isOption('max-body'));
  t.false(isOption('constructor'));
  t.false(isOption('__proto__'));
});
