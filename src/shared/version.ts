import { createRequire } from 'node:module';

interface Manifest {
  readonly version: string;
  readonly homepage: string;
  readonly engines: { readonly node: string };
}

// By its name, as the bundle of the command stands elsewhere than this file.
const manifest = createRequire(import.meta.url)('urlmill/package.json') as Manifest;

export const { version, homepage } = manifest;

/** The required version of Node, from `engines`: `>=20.19`. */
export const requiredNode = manifest.engines.node;
