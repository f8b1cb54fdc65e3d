/** The `prepack` script of the packages: refuses to pack one that is not built, whose tarball would hold nothing. */
import { existsSync, readFileSync } from 'node:fs';
import { declaredFiles } from './package-files.mjs';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const missing = declaredFiles(manifest).filter((path) => !existsSync(path));
if (missing.length > 0) {
  console.error(
    `${manifest.name}: found no ${missing.join(', ')}. Build the package first: npm run nx -- build ${manifest.name}`,
  );
  process.exitCode = 1;
}
