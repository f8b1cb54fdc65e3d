/**
 * The `prepack` script of the packages. Refuses to pack one that is not built, whose tarball would hold nothing, and to
 * publish one outside of a release, whose package.json would not say where it comes from.
 */
import { existsSync, readFileSync } from 'node:fs';
import { declaredFiles } from './package-files.mjs';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const missing = declaredFiles(manifest).filter((path) => !existsSync(path));

if (missing.length > 0) {
  refuse(`found no ${missing.join(', ')}. Build the package first: npm run nx -- build ${manifest.name}`);
} else if (process.env.npm_command === 'publish' && manifest.repository === undefined) {
  refuse('is published by a release only, which checks it and completes its package.json. Run: npm run release');
}

function refuse(problem) {
  console.error(`${manifest.name}: ${problem}`);
  process.exitCode = 1;
}
