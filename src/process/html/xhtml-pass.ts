import { xmlTree } from '../tree/xml-tree.ts';
import type { HtmlExtractor, Reader } from './reader.ts';
import { treePass } from './tree-pass.ts';

/**
 * `htmlPass` for XHTML, which is XML: any element can be self-closing, and scripts and titles are parsed like other elements.
 * So the readers walk its tree.
 */
export function xhtmlPass(extractors: readonly HtmlExtractor[]): (text: string) => readonly Reader[] {
  const pass = treePass(extractors);
  return (text) => pass(xmlTree(text, 'xhtml'));
}
