/**
 * Writes the help of each option into the declarations of the library, where editors show it: before each property that is
 * an option of the table. The types are made from the table by the compiler, which has no comments to keep.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Option } from '../src/options/define.ts';
import { isOption } from '../src/options/resolve.ts';
import { shownDefault, table } from '../src/options/table.ts';

const types = 'dist/src';

/** In which unit the library takes numbers, by the placeholder of the value. */
const units: Readonly<Record<string, string>> = {
  D: 'Milliseconds, or a text like `30s`.',
  R: 'Per second, or a text like `600/m`.',
  SIZE: 'Bytes, or a text like `10MB`.',
  P: 'Percent.',
};

for (const file of readdirSync(types, { recursive: true, encoding: 'utf8' })) {
  if (file.endsWith('.d.ts')) document(join(types, file));
}

function document(path: string): void {
  const text = readFileSync(path, 'utf8');
  const documented = text.replaceAll(
    /(?<!\*\/\n)^( +)(?:readonly )?(\w+): (?:import\("[^"]+"\)\.)?Option</gm,
    (property, indent: string, name: string) =>
      isOption(name) ? `${indent}/** ${commentOf(table[name])} */\n${property}` : property,
  );
  if (documented !== text) writeFileSync(path, documented);
}

function commentOf(option: Option<unknown, unknown>): string {
  const { help, hint, kind, fallback } = option;
  const unit = units[hint] === undefined ? '' : ` ${units[hint]}`;
  const isOn = kind === 'switch' && fallback !== '';
  // The help of a switch that is on tells of what turns it off.
  const meaning = isOn ? `With \`false\`: ${help}` : help;
  const standard = kind === 'switch' ? String(isOn) : shownDefault(option);
  const asTag = standard === '' ? '' : ` @default ${standard}`;
  return `${meaning}${unit}${asTag}`.replaceAll('*/', String.raw`*\/`);
}
