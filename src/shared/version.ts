import { readFileSync } from 'node:fs';

interface Manifest {
  readonly version: string;
  readonly homepage: string;
  readonly engines: { readonly node: string };
}

const manifest = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
) as Manifest;

export const { version, homepage } = manifest;

/** The required version of Node, from `engines`: `>=20.19`. */
export const requiredNode = manifest.engines.node;
