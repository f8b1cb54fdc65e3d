import { statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { mapRelativeLinks } from '@transfusion/setup/markdown-links';
import { fileAddress } from './repository-address.js';

/**
 * Returns a package's README with links that lead to the repository from anywhere: on a package's page there is nothing
 * beside it.
 *
 * @param root the repository's root
 * @param directory the package's folder, such as `packages/nn`
 */
export function withAbsoluteLinks(readme: string, address: string, root: string, directory: string): string {
  return mapRelativeLinks(readme, (target: string) => {
    const [path, fragment] = target.split('#');
    const inRepository = posix.join(directory, path);
    const kind = statSync(join(root, inRepository)).isDirectory() ? 'tree' : isImage(path) ? 'raw' : 'blob';
    return fileAddress(address, kind, inRepository) + (fragment === undefined ? '' : `#${fragment}`);
  });
}

function isImage(path: string): boolean {
  return /\.(?:png|jpe?g|gif|svg|webp)$/.test(path);
}
