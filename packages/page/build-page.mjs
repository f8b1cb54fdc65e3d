/**
 * Builds the page in a clone of the repository, for programs that run from source, if its build is missing or older than
 * its sources; takes about a second.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const sources = readdirSync(join(root, 'src'), { recursive: true }).map((name) => join('src', name));
const changedAt = [...sources, 'vite.config.ts', 'package.json'].map(timeOf);
if (timeOf(join('dist', 'page', 'index.html')) < Math.max(...changedAt)) {
  console.error('Building the page ...');
  // Programs that run tests have another one.
  process.env['NODE_ENV'] = 'production';
  const { build } = await import('vite');
  await build({ root: join(root, 'src'), configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
}

/** Returns the time of the last change; 0 for a file that is not there. */
function timeOf(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
