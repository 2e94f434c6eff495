import { chosenExtractors } from '../../src/process/extractors.ts';
import { countTo } from '../in-turn.ts';
import { htmlFiles, pageOf, sampled } from './pages.ts';

/** CPU time of extractors per page: `time-extract.js DIR`. The best of ten rounds over up to 1,000 pages. */

const lists = [
  'title',
  'title,description,canonical,lang',
  'links',
  'text',
  'sha256',
  'title,description,links,text,sha256',
  'title,description,canonical,lang,h1,text,links,og,jsonld,sha256',
  'published',
  'words',
  'language',
  'microdata',
  'article',
];

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: time-extract.js DIR');
  process.exit(2);
}
const files = sampled(await htmlFiles(folder), 1000);
const bodies = await Promise.all(files.map((file) => pageOf(file)));
const size = bodies.reduce((sum, { body }) => sum + body.length, 0) / bodies.length;
console.log(
  `Node ${process.versions.node}, ${bodies.length} pages of ${Math.round(size / 100) / 10} kB on average`,
);
// Decode beforehand: that is part of a page's cost, but not of an extractor's.
for (const { text } of bodies) text();
for (const list of lists) {
  const [processor] = await chosenExtractors(list, '');
  const times = countTo(10).map(() => {
    const start = process.cpuUsage();
    for (const page of bodies) void processor?.process(page);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / bodies.length;
  });
  console.log(
    `${Math.min(...times)
      .toFixed(1)
      .padStart(7)} µs  ${list}`,
  );
}
