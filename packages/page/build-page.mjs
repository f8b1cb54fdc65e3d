/** Builds the page in a clone of the repository, for programs that run from source. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const built = join(root, 'dist', 'page', 'index.html');

/** Builds the page if its build is missing, or older than its sources; takes about a second. */
export async function buildPage() {
  const sources = readdirSync(join(root, 'src'), { recursive: true }).map((name) => join(root, 'src', name));
  const changed = [...sources, join(root, 'vite.config.ts'), join(root, 'package.json')].map(timeOf);
  if (timeOf(built) > Math.max(...changed)) return;
  console.error('Building the page ...');
  const { build } = await import('vite');
  await build({ root: join(root, 'src'), configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
}

/** Returns the time of the last change; 0 for a file that is not there. */
function timeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
