/**
 * Writes each option's help text into the library's declarations, as a comment that editors show. The
 * compiler derives the types from the option table, so there are no comments for it to keep.
 *
 * What the library takes (`SaidOf<typeof TABLE>`) is written out as an interface with one property per
 * option: the language server of TypeScript 7 shows no comments for the properties of a mapped type; that of
 * TypeScript 5 does.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import type { Option } from '../src/options/define.ts';
import { isOption } from '../src/options/resolve.ts';
import { shownDefault, table } from '../src/options/table.ts';

const declarations = 'dist/src';

/** Units of numbers given to the library, by the placeholder of the option's value. */
const units: Readonly<Record<string, string>> = {
  D: 'Milliseconds, or a text like `30s`.',
  R: 'Per second, or a text like `600/m`.',
  SIZE: 'Bytes, or a text like `10MB`.',
  P: 'Percent.',
};

const files = readdirSync(declarations, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.d.ts'))
  .map((file) => join(declarations, file));
for (const file of files) document(file);
for (const file of files) writeOut(file);

/** An earlier build may have written another help there: the compiler rewrites only files whose types have changed. */
function document(path: string): void {
  const text = readFileSync(path, 'utf8');
  const documented = text.replaceAll(
    /^(?: +\/\*\* .* \*\/\n)?(( +)(?:readonly )?(\w+): (?:import\("[^"]+"\)\.)?Option<)/gm,
    (found, property: string, indent: string, name: string) =>
      isOption(name) ? `${indent}/** ${commentOf(table[name])} */\n${property}` : found,
  );
  if (documented !== text) writeFileSync(path, documented);
}

/**
 * Replaces `extends SaidOf<...>` of an interface by the properties. The compiler rewrites only changed files,
 * so the output of an earlier build may still be there: it stands between two marker lines and is replaced.
 */
function writeOut(path: string): void {
  const text = readFileSync(path, 'utf8');
  const written = text
    .replaceAll(
      / \{\n {4}\/\/ SaidOf<typeof (\w+)>:\n.*?\n {4}\/\/ And:\n/gs,
      ' extends SaidOf<typeof $1> {\n',
    )
    .replaceAll(
      /^(export interface \w+) extends SaidOf<typeof (\w+)> \{\n(.*?)^\}/gms,
      (_, head: string, name: string, own: string) => {
        const said = properties(name, path, text).filter(([option]) => !own.includes(` ${option}?: `));
        const lines = said.map(([, line]) => line).join('\n');
        return `${head} {\n    // SaidOf<typeof ${name}>:\n${lines}\n    // And:\n${own}}`;
      },
    );
  if (written !== text) writeFileSync(path, written);
}

/**
 * The properties that a table of options stands for, by name. The table is declared in this file or imported
 * from another.
 */
function properties(name: string, path: string, text: string): [name: string, lines: string][] {
  const declared = new RegExp(String.raw`declare const ${name}: \{\n(.*?)^\};`, 'ms').exec(text)?.[1];
  if (declared === undefined) return importedProperties(name, path, text);
  const members = /^ +(\/\*\* .* \*\/)\n +(?:readonly )?(\w+): (?:import\("[^"]+"\)\.)?Option<(.*)>;$/gm;
  return [...declared.matchAll(members)].map(([, comment = '', option = '', parameters = '']) => {
    const kinds = parameters.split(/, | \| /).filter((kind) => kind !== 'undefined');
    const type = [...new Set(kinds), 'undefined'].join(' | ');
    return [option, `    ${comment}\n    readonly ${option}?: ${type};`];
  });
}

function importedProperties(name: string, path: string, text: string): [name: string, lines: string][] {
  const from = new RegExp(String.raw`^import .*\b${name}\b.* from '(.*)\.ts'`, 'm').exec(text)?.[1];
  if (from === undefined) throw new TypeError(`${path}: where is ${name} declared?`);
  const source = join(dirname(path), `${from}.d.ts`);
  const found = properties(name, source, readFileSync(source, 'utf8'));
  const moved = (_: string, file: string): string => {
    const target = relative(dirname(path), join(dirname(source), file));
    return `import("${target.startsWith('.') ? target : `./${target}`}")`;
  };
  return found.map(([option, lines]) => [option, lines.replaceAll(/import\("(.*?)"\)/g, moved)]);
}

function commentOf(option: Option<unknown, unknown>): string {
  const { help, hint, kind, fallback } = option;
  const unit = units[hint] === undefined ? '' : ` ${units[hint]}`;
  const isOn = kind === 'switch' && fallback !== '';
  // The help of a switch that is on by default describes turning it off.
  const meaning = isOn ? `With \`false\`: ${help}` : help;
  const standard = kind === 'switch' ? String(isOn) : shownDefault(option);
  const asTag = standard === '' ? '' : ` @default ${standard}`;
  return `${meaning}${unit}${asTag}`.replaceAll('*/', String.raw`*\/`);
}
