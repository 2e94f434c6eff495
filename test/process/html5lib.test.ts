import { readFileSync, readdirSync } from 'node:fs';
import test from 'ava';

import { Element, namespaces } from '../../src/process/tree/nodes.ts';
import type { ChildNode, Parent } from '../../src/process/tree/nodes.ts';
import { treeOf } from '../../src/process/tree/tree.ts';

/** The tree-construction tests of html5lib, which browsers use too. */
const folder = new URL('../../../fixtures/html5lib/', import.meta.url);

interface Sample {
  readonly data: string;
  readonly expected: string;
}

/**
 * The samples that are whole documents, except those that need a browser: running scripts or copying a
 * selected option.
 */
function samplesOf(file: string): Sample[] {
  const text = readFileSync(new URL(file, folder), 'utf8');
  return text.split(/(?:^|\n)#data\n/).flatMap((part) => {
    const data = /^(.*?)\n?#errors\n/s.exec(part)?.[1];
    const expected = /\n#document\n(.*)$/s.exec(part)?.[1];
    if (
      data === undefined ||
      expected === undefined ||
      /\n#(?:document-fragment|script-on)\n|<selectedcontent>/.test(part)
    )
      return [];
    return [{ data, expected: expected.replace(/\n+$/, '') }];
  });
}

/** A tree in the format of the tests. */
function written(parent: Parent, indent = '| '): string[] {
  const lines: string[] = [];
  for (let node = parent.firstChild; node !== null; node = node.nextSibling) {
    lines.push(indent + nameOf(node));
    if (!(node instanceof Element)) continue;
    const inner = `${indent}  `;
    lines.push(...attributesOf(node).map((line) => inner + line));
    if (node.content !== null) lines.push(`${inner}content`, ...written(node.content, `${inner}  `));
    lines.push(...written(node, inner));
  }
  return lines;
}

function nameOf(node: ChildNode): string {
  if (node instanceof Element) {
    const kind = { [namespaces.svg]: 'svg ', [namespaces.mathml]: 'math ' }[node.namespaceURI ?? ''] ?? '';
    return `<${kind}${node.localName}>`;
  }
  if (node.nodeType === 3) return `"${node.data}"`;
  if (node.nodeType === 8) return `<!-- ${node.data} -->`;
  const { name, publicId, systemId } = node;
  return `<!DOCTYPE ${name}${publicId + systemId === '' ? '' : ` "${publicId}" "${systemId}"`}>`;
}

function attributesOf({ attrs }: Element): string[] {
  return attrs
    .map(({ name, value, prefix }) => `${prefix === undefined ? '' : `${prefix} `}${name}="${value}"`)
    .toSorted();
}

const files = readdirSync(folder).filter((name) => name.endsWith('.dat'));

for (const file of files) {
  test(file, (t) => {
    for (const { data, expected } of samplesOf(file)) {
      t.is(written(treeOf(data, 'html')).join('\n'), expected, data);
    }
    t.pass();
  });
}

test('there are as many as there are known', (t) => {
  t.is(files.flatMap(samplesOf).length, 1588);
});
