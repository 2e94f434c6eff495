/** Bundles the script and the style sheet of the page that `report` makes, including the chart library. */
import { copyFileSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';

import { build } from 'esbuild';
import type { Metafile } from 'esbuild';

const files = ['report-page.js', 'report-page.css'];

/** @param readers folders with code that reads the bundled files; each gets a copy */
export async function bundlePage(readers: readonly string[]): Promise<void> {
  const [first = '', ...others] = readers;
  const { metafile } = await build({
    entryPoints: ['src/report/page/report-page.ts', 'src/report/page/report-page.css'],
    outdir: first,
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: ['chrome120', 'firefox121', 'safari17.2'],
    metafile: true,
    logLevel: 'warning',
  });
  withNotices(`${first}/report-page.js`, usedInputs(metafile.outputs));
  for (const file of files) {
    refuseEnds(`${first}/${file}`);
    for (const folder of others) copyFileSync(`${first}/${file}`, `${folder}/${file}`);
  }
}

/** The source files that contribute to the outputs. */
function usedInputs(outputs: Metafile['outputs']): string[] {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
}

/** Prepends the licences of the bundled libraries to the script, as they demand. */
function withNotices(file: string, inputs: readonly string[]): void {
  const packages = inputs.flatMap((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  const byText = new Map<string, string[]>();
  for (const folder of new Set(packages)) {
    const licence = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
    if (licence === undefined) throw new Error(`${folder} has no licence`);
    const text = readFileSync(`${folder}/${licence}`, 'utf8').trim();
    byText.set(text, [...(byText.get(text) ?? []), folder.replace('node_modules/', '')]);
  }
  const notices = [...byText].map(([text, names]) => `${names.join(', ')}\n\n${text}`).join('\n\n---\n\n');
  writeFileSync(file, `/*!\n${notices.replaceAll('*/', '* /')}\n*/\n${readFileSync(file, 'utf8')}`);
}

/** Refuses text that would end the `script` or `style` element it is embedded in. */
function refuseEnds(file: string): void {
  if (/<\/(?:script|style)|<!--/i.test(readFileSync(file, 'utf8'))) {
    throw new Error(`${file} cannot stand in a page`);
  }
}
