import { execFile, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { codeBlocks } from '@transfusion/setup/markdown-blocks';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const readmes = [
  join(root, 'README.md'),
  ...readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name, 'README.md'))
    .filter((path) => existsSync(path)),
];

/** The root's snippets use many packages, as the examples do; they find a few images where they run. */
const EXAMPLES = join(root, 'tools', 'demos', 'examples');

const cases = readmes.flatMap((path) =>
  codeBlocks(readFileSync(path, 'utf8'))
    .filter(({ language }) => language === 'ts')
    .map(({ code, line }) => [`${relative(root, path)}:${line}`, path, line, code] as const),
);

it('finds READMEs with snippets', () => {
  expect(cases.length).toBeGreaterThan(0);
});

/** Inside a package, so that a snippet can import packages by name, as its users do. */
function writeSnippet(readme: string, line: number, code: string): string {
  const home = readme === join(root, 'README.md') ? EXAMPLES : dirname(readme);
  const folder = join(home, 'test-results', 'readme');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `line-${line}.mts`);
  writeFileSync(file, code);
  return file;
}

it.concurrent.each(cases)(
  '%s runs',
  async (_, readme, line, code) => {
    const file = writeSnippet(readme, line, code);
    const workingDirectory = mkdtempSync(join(dirname(file), 'run-'));
    cpSync(join(EXAMPLES, 'images'), join(workingDirectory, 'images'), { recursive: true });
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@transfusion/source', '--import', import.meta.resolve('tsx'), file],
      { cwd: workingDirectory, timeout: 120_000 },
    );
    rmSync(workingDirectory, { recursive: true });
    expect(stdout.length).toBeGreaterThan(0);
  },
  120_000,
);

it('all type-check', () => {
  const files = cases.map(([, readme, line, code]) => writeSnippet(readme, line, code));
  const results = join(root, 'tools', 'checks', 'readme-snippets', 'test-results');
  mkdirSync(results, { recursive: true });
  const folder = mkdtempSync(join(results, 'types-'));
  const config = join(folder, 'tsconfig.json');
  writeFileSync(config, JSON.stringify({ extends: join(root, 'tsconfig.base.json'), files }));
  const tsc = join(dirname(fileURLToPath(import.meta.resolve('typescript'))), '..', 'bin', 'tsc');
  const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', config], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  expect(stdout).toBe('');
  expect(status).toBe(0);
}, 120_000);
