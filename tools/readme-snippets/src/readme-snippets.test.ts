import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { extractSnippets } from './extract-snippets.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const readmes = readdirSync(join(root, 'packages'))
  .map((name) => join(root, 'packages', name, 'README.md'))
  .filter((path) => existsSync(path));

const cases = readmes.flatMap((path) =>
  extractSnippets(readFileSync(path, 'utf8')).map(
    ({ code, line }) => [`${relative(root, path)}:${line}`, path, line, code] as const,
  ),
);

it('finds READMEs with snippets', () => {
  expect(cases.length).toBeGreaterThan(0);
});

it.each(cases)('%s runs', (_, readme, line, code) => {
  // Inside the package, so that it can import itself by name.
  const folder = join(dirname(readme), 'test-results', 'readme');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `line-${line}.mts`);
  writeFileSync(file, code);
  const output = execFileSync(
    process.execPath,
    ['--conditions=@transfusion/source', '--import', import.meta.resolve('tsx'), file],
    { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 },
  );
  expect(output.length).toBeGreaterThan(0);
});
