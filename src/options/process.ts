import { checkColumn, checkModuleOption, checkNamed, checkNamedHeader, checkNext } from './checks.ts';
import { choice, count, countOrAuto, duration, list, names, text, toggle } from './define.ts';
import { checkNameTemplate, checkSaveWhen } from './saving.ts';

export const processOptions = {
  extract: names({
    shapes: true,
    hint: 'LIST',
    help: 'Add columns with values from each page, found by built-in extractors. Name them separated by commas: title, description, canonical, lang, h1, text, links, og, jsonld, robots, hreflang, feeds, sitemap_urls, images, emails, favicon, meta, sha256, article, published, language, words, microdata and more (docs/columns.md). The names of their columns begin with the prefix (fetch_title).',
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
    help: 'Choose how --save-bodies saves: "files" as described there, or "warc" for whole requests and responses, in one new WARC 1.1 file in DIR. With "warc" the column fetch_file holds NAME#OFFSET: the file, and the byte where the response begins in it.',
  }),
  warcRedirects: toggle({
    shapes: true,
    on: true,
    help: "With --save-format warc, do not save the redirects that lead to a page. Default: each is saved with its request, so that the row's own URL leads to its page in a web archive. Bodies of redirects are saved up to 16 KiB, those of --follow-meta up to 64 KiB; longer ones are marked as truncated.",
  }),
  saveAs: text({
    shapes: true,
    hint: 'TEMPLATE',
    help: 'Name the files of --save-bodies by columns, as in "{label}/{id}{ext}". {ext} is the extension for the media type, with its dot, {host} the host that answered, {sha256} the hash of the body. No cell can lead out of DIR, and characters that some system refuses in names become _ (docs/saving.md).',
    check: checkNameTemplate,
  }),
  saveClash: choice({
    shapes: true,
    hint: 'HOW',
    choices: ['number', 'skip', 'fail'],
    fallback: 'number',
    help: 'With --save-as, choose what happens to a row whose file name another row already has: "number" saves it with -2, -3 and so on before the extension, "skip" leaves it without a file, "fail" makes the row process-failed. Names that differ only by letter case or Unicode form count as the same.',
  }),
  saveWhen: text({
    shapes: true,
    hint: 'TERMS',
    help: 'Save only the bodies that meet all these conditions, separated by commas: status=200 (or 2xx, 200-299), type=image/* and bytes>=1kB. status and type may have several values, as in type=image/*|application/pdf; != matches all others.',
    check: checkSaveWhen,
  }),
  skipSaved: toggle({
    help: 'With --save-as, do not fetch a row whose file is in DIR already, complete and saved for the same URL and name by this or an earlier run. The row gets the status, type and so on that were recorded then, and has 0 attempts.',
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
    help: 'Add column NAME with the first match of a JavaScript regular expression in the decoded body: its first group, or the whole match if there are no groups. NAME*=RE takes all matches as a JSON array. The flag u is set; (?i), (?m) and (?s) may come first. Repeatable.',
    check: checkNamed,
  }),
  responseHeader: list({
    shapes: true,
    hint: 'NAME=HEADER',
    help: 'Add column NAME with a response header; several values are joined by ", ". NAME*=HEADER gives a JSON array of the values. Repeatable.',
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
    help: 'Pass this option to the module, whose default export must then be a function. Repeatable.',
    check: checkModuleOption,
  }),
  explode: text({
    shapes: true,
    hint: 'NAME',
    help: 'Write one row for each element of the JSON array in column NAME, and repeat all other cells. NAME is a column of --extract and the like: fetch_sitemap_urls, or NAME of --select NAME*=CSS. A row without elements, or one that failed, stays one row, with an empty cell.',
    check: checkColumn,
  }),
  next: text({
    shapes: true,
    hint: 'HOW',
    help: 'Also fetch the pages that follow, for lists that come in pages. The values of each page become further rows of the output, with the same input cells. HOW says where a page has the URL of the next one: json:EXPR (JMESPath), header:link (rel=next) or select:CSS@href (docs/pages.md). Adds the columns fetch_page and fetch_next.',
    check: checkNext,
  }),
  maxPages: count({
    min: 1,
    fallback: 10,
    shapes: true,
    help: 'With --next, fetch at most N pages for a row. If there is another one, its URL is in fetch_next.',
  }),
  threads: countOrAuto({
    help: 'Fetch in N threads, and process pages in N others. With 1 the main thread does both, except --module, --regex and --xpath, which run in one other thread because they may never end. "auto" starts like 1 and adds threads while all are busy, up to the number of cores; threads that fetch are added only while many new https hosts come. Each thread takes memory.',
  }),
  processTimeout: duration({
    fallback: '10s',
    help: 'End the processing of a page after this time. The row becomes process-timeout.',
  }),
};
