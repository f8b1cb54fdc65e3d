/**
 * Builds the page in a clone of the repository, for programs that run from source, if its build is missing or older than
 * its sources; takes about a second.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const packages = join(root, '..');
// The page has parts of other packages, which run the model in the browser.
const sources = readdirSync(packages).flatMap((name) => {
  const source = join(packages, name, 'src');
  if (!existsSync(source)) return [];
  return readdirSync(source, { recursive: true }).map((file) => join(source, file));
});
const changedAt = [...sources, join(root, 'vite.config.ts'), join(root, 'package.json')].map(timeOf);
if (timeOf(join(root, 'dist', 'page', 'index.html')) < Math.max(...changedAt)) {
  console.error('Building the page ...');
  // Programs that run tests have another one.
  process.env['NODE_ENV'] = 'production';
  const { build } = await import('vite');
  await build({ root: join(root, 'src'), configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
}

/** Returns the time of the last change; 0 for a file that is not there. */
function timeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
