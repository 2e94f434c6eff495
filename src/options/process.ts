import { checkColumn, checkModuleOption, checkNamed, checkNamedHeader, checkNext } from './checks.ts';
import { choice, count, countOrAuto, duration, list, names, text, toggle } from './define.ts';
import { checkNameTemplate, checkSaveWhen } from './saving.ts';

export const processOptions = {
  extract: names({
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
  warcRedirects: toggle({
    shapes: true,
    on: true,
    help: "With --save-format warc: keep the redirects on a row's way too, each with its request, so that the row's own URL leads to its page in a web archive. Bodies of redirects are kept up to 16 KiB, those of --follow-meta up to 64 KiB; what is longer is marked as truncated.",
  }),
  saveAs: text({
    shapes: true,
    hint: 'TEMPLATE',
    help: 'Name the files of --save-bodies by columns: "{label}/{id}{ext}", where {ext} is the extension for the media type with its dot, {host} the host that answered, {sha256} the hash of the body. What a cell holds never leads out of DIR, and what is no name on some system becomes _ (docs/saving.md).',
    check: checkNameTemplate,
  }),
  saveClash: choice({
    shapes: true,
    hint: 'HOW',
    choices: ['number', 'skip', 'fail'],
    fallback: 'number',
    help: 'With --save-as, what becomes of a row whose name another row has: "number" saves it with -2, -3 and so on before the extension, "skip" leaves it without a file, "fail" makes the row process-failed. Letter case and Unicode forms make no other name.',
  }),
  saveWhen: text({
    shapes: true,
    hint: 'TERMS',
    help: 'Save only bodies for which all of these hold, separated by commas: status=200 (or 2xx, 200-299), type=image/* and bytes>=1kB. Values of status and type may be several, as in type=image/*|application/pdf; != tells all others.',
    check: checkSaveWhen,
  }),
  skipSaved: toggle({
    help: 'With --save-as, do not fetch a row whose file is in DIR already, whole and saved for the same URL and name by this or an earlier run. The row gets what was known then, and has 0 attempts.',
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
