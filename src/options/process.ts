import { checkColumn, checkModuleOption, checkNamed, checkNamedHeader } from './checks.ts';
import { choice, countOrAuto, duration, list, text } from './define.ts';

export const processOptions = {
  extract: text({
    shapes: true,
    hint: 'LIST',
    help: 'Built-in extractors, separated by commas: title, description, canonical, lang, h1, text, links, og, jsonld, sha256. Their columns carry the prefix.',
  }),
  saveBodies: text({
    shapes: true,
    hint: 'DIR',
    help: 'Save each body as the file DIR/ab/cd/SHA256, named by its hash; the column "file" (with the prefix) holds the path below DIR. DIR is made when it is missing.',
  }),
  saveFormat: choice({
    shapes: true,
    hint: 'F',
    choices: ['files', 'warc'],
    fallback: 'files',
    help: 'files: as said. warc: requests and responses as they were, in one new WARC 1.1 file in DIR; the column holds its name, "#" and the byte where the response begins.',
  }),
  select: list({
    shapes: true,
    hint: 'NAME=CSS',
    help: 'Column NAME: the text of the first element that a CSS selector matches. NAME=CSS@ATTR: its attribute. NAME*=CSS: all matches, as a JSON array. Repeatable.',
    check: checkNamed,
  }),
  xpath: list({
    shapes: true,
    hint: 'NAME=EXPR',
    help: "Column NAME: what an XPath 1.0 expression gives for the page's tree. NAME*=EXPR: all nodes, as a JSON array. Repeatable.",
    check: checkNamed,
  }),
  json: list({
    shapes: true,
    hint: 'NAME=EXPR',
    help: 'Column NAME: what a JMESPath expression gives for a JSON body. NAME*=EXPR: always as a JSON array. Repeatable.',
    check: checkNamed,
  }),
  regex: list({
    shapes: true,
    hint: 'NAME=RE',
    help: "Column NAME: the first group of the first match of a JavaScript regular expression (flag u; (?i), (?m), (?s) at the start) in the page's text, or the whole match. NAME*=RE: of all matches, as a JSON array. Repeatable.",
    check: checkNamed,
  }),
  responseHeader: list({
    shapes: true,
    hint: 'NAME=HEADER',
    help: 'Column NAME: a response header, several values joined by ", ". NAME*=HEADER: each of them, as a JSON array. Repeatable.',
    check: checkNamedHeader,
  }),
  body: text({
    shapes: true,
    hint: 'NAME',
    help: 'Column NAME: the decoded text of the body.',
    check: checkColumn,
  }),
  module: text({
    shapes: 'content',
    hint: 'FILE',
    help: 'Your own processor, an ES module (docs/writing-a-processor.md).',
  }),
  moduleOption: list({
    shapes: true,
    hint: 'NAME=VALUE',
    help: 'Handed to the module, when its default export is a function. Repeatable.',
    check: checkModuleOption,
  }),
  threads: countOrAuto({
    help: 'Threads that take values out of pages. 1: only the main thread, or one beside it where --module or --regex may not end. auto: so it begins, and threads are added while they are busy, up to the cores.',
  }),
  processTimeout: duration({
    fallback: '10s',
    help: 'For all that is taken out of one page. What does not end by then is process-timeout.',
  }),
};
