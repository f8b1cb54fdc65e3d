import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withAbsoluteLinks } from './absolute-links.js';
import { repositoryFields } from './repository-address.js';

/** A package to be published. */
export interface PublishedPackage {
  readonly name: string;
  readonly version: string;
  /** Its folder, such as `packages/nn`. */
  readonly directory: string;
}

/** Writes the repository's address into the packages of a checkout that is thrown away afterwards. */
export function completePackages(
  checkout: string,
  packages: readonly PublishedPackage[],
  address: string,
): void {
  for (const { directory } of packages) {
    rewrite(join(checkout, directory, 'package.json'), (text) => {
      const manifest = JSON.parse(text) as object;
      return `${JSON.stringify({ ...manifest, ...repositoryFields(address, directory) }, null, 2)}\n`;
    });
    rewrite(join(checkout, directory, 'README.md'), (text) =>
      withAbsoluteLinks(text, address, checkout, directory),
    );
  }
}

function rewrite(file: string, change: (text: string) => string): void {
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}
