import { checkColumn, checkModuleOption, checkNamed, checkNamedHeader, checkNext } from './checks.ts';
import { choice, count, countOrAuto, duration, list, text } from './define.ts';

export const processOptions = {
  extract: text({
    shapes: true,
    hint: 'LIST',
    help: 'Add columns with values of each page, by built-in extractors separated by commas: title, description, canonical, lang, h1, text, links, og, jsonld, robots, hreflang, feeds, sitemap_urls, images, emails, favicon, meta, sha256, article, published, language, words, microdata and more (docs/columns.md). Their columns have the prefix (fetch_title).',
  }),
  saveBodies: text({
    shapes: true,
    hint: 'DIR',
    help: 'Save each body as the file DIR/ab/cd/SHA256, named by its hash, so that equal bodies share a file. The column fetch_file holds the path below DIR. DIR is made if it is missing.',
  }),
  saveFormat: choice({
    shapes: true,
    hint: 'F',
    choices: ['files', 'warc'],
    fallback: 'files',
    help: 'How --save-bodies saves: "files" as described there, or "warc" for whole requests and responses, in one new WARC 1.1 file in DIR. For "warc" the column holds NAME#OFFSET, the file and the byte where the response begins.',
  }),
  select: list({
    shapes: true,
    hint: 'NAME=CSS',
    help: 'Add column NAME with the text of the first element that matches a CSS selector. NAME=CSS@ATTR takes an attribute, NAME*=CSS all matches as a JSON array. Repeatable.',
    check: checkNamed,
  }),
  xpath: list({
    shapes: true,
    hint: 'NAME=EXPR',
    help: "Add column NAME with the result of an XPath 1.0 expression on the page's tree. NAME*=EXPR takes all nodes as a JSON array. Repeatable.",
    check: checkNamed,
  }),
  json: list({
    shapes: true,
    hint: 'NAME=EXPR',
    help: 'Add column NAME with the result of a JMESPath expression on a JSON body. NAME*=EXPR always gives a JSON array. Repeatable.',
    check: checkNamed,
  }),
  regex: list({
    shapes: true,
    hint: 'NAME=RE',
    help: 'Add column NAME with the first match of a JavaScript regular expression on the decoded body: its first group, or all of it without groups. NAME*=RE takes all matches as a JSON array. The flag u is set; (?i), (?m) and (?s) may come first. Repeatable.',
    check: checkNamed,
  }),
  responseHeader: list({
    shapes: true,
    hint: 'NAME=HEADER',
    help: 'Add column NAME with a response header, several values joined by ", ". NAME*=HEADER gives a JSON array of the values. Repeatable.',
    check: checkNamedHeader,
  }),
  body: text({
    shapes: true,
    hint: 'NAME',
    help: 'Add column NAME with the decoded text of the body.',
    check: checkColumn,
  }),
  module: text({
    shapes: 'content',
    hint: 'FILE',
    help: 'Run your own processor, an ES module, on each page (docs/writing-a-processor.md).',
  }),
  moduleOption: list({
    shapes: true,
    hint: 'NAME=VALUE',
    help: 'Pass this option to the module, whose default export must be a function. Repeatable.',
    check: checkModuleOption,
  }),
  explode: text({
    shapes: true,
    hint: 'NAME',
    help: 'Write a row for each element of the JSON array in column NAME of --extract and the like, with all other cells as they are: fetch_sitemap_urls, or NAME of --select NAME*=CSS. A row without elements, or that failed, is one row with an empty cell.',
    check: checkColumn,
  }),
  next: text({
    shapes: true,
    hint: 'HOW',
    help: 'Fetch the next page of an answer too, and the one after that: its values are more rows of the output with the same input cells. HOW is json:EXPR (JMESPath), header:link (rel=next) or select:CSS@href, and gives its URL (docs/pages.md). Adds the columns fetch_page and fetch_next.',
    check: checkNext,
  }),
  maxPages: count({
    min: 1,
    fallback: 10,
    shapes: true,
    help: 'With --next, fetch at most so many pages for a row. The URL of the next one then stands in fetch_next.',
  }),
  threads: countOrAuto({
    help: 'Fetch in N threads, and process pages in N others. With 1 the main thread does both, but for --module, --regex and --xpath, which may never end: they have one other thread. "auto" starts like 1 and adds threads while all are busy, up to the number of cores: to fetch, when many new hosts come by https. Each thread takes memory.',
  }),
  processTimeout: duration({
    fallback: '10s',
    help: 'End the processing of a page after this time. The row becomes process-timeout.',
  }),
};
