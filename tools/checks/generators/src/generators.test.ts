/**
 * The generators as a contributor runs them, in a copy of the workspace: what they write is linted, type-checked, tested
 * and built at once, keeps the repository's laws, and its recipe trains.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shell, userEnvironment } from '@transfusion/registry/shell';
import { root } from '@transfusion/setup/workspace';
import { beforeAll, expect, test } from 'vitest';
import { copyWorkspace } from './copy-workspace.js';

const GENERATED = {
  'modality-motion-capture': 'modality motion-capture --kind continuous',
  'modality-melody': 'modality melody --kind discrete',
  'scheduler-trig': 'noise-scheduler trig',
  'evaluator-difference': 'evaluator difference',
};
const packages = Object.keys(GENERATED).map((name) => `packages/${name}`);
const recipes = ['motion-capture', 'melody'].map((name) => `tools/demos/examples/src/${name}-recipe.ts`);

let folder: string;
const env = { ...userEnvironment(), NX_DAEMON: 'false', NX_TUI: 'false' };
const run = (line: string, path = '.'): Promise<string> => shell(line, join(folder, path), env);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'transfusion-generators-'));
  copyWorkspace(root, folder);
  const [first, ...others] = Object.values(GENERATED);
  await run(`npm run nx -- g @transfusion/plugin:${first}`);
  // The root's command would install each package before it generates the next one.
  for (const args of others) await run(`npx nx g @transfusion/plugin:${args}`);
  await run('npm run setup');
  return () => rmSync(folder, { recursive: true });
}, 300_000);

test('the packages are linted', { timeout: 60_000 }, async () => {
  await run(`npx eslint ${[...packages, ...recipes].join(' ')}`);
});

test('their types are checked', { timeout: 60_000 }, async () => {
  const include = [...packages.flatMap((path) => [`${path}/src`, `${path}/*.config.ts`]), ...recipes];
  const config = { extends: './tsconfig.base.json', include };
  writeFileSync(join(folder, 'tsconfig.generated.json'), JSON.stringify(config));
  await run('npx tsc -p tsconfig.generated.json');
});

test('they are formatted', { timeout: 60_000 }, async () => {
  await run(`npx prettier --check ${[...packages, ...recipes].join(' ')} README.md .changeset`);
});

// By the commands that the generators print, for all packages at once.
test('the packages pass their tests and are built', { timeout: 180_000 }, async () => {
  const names = packages.map((path) => path.replace('packages', '@transfusion')).join(',');
  await run(`npm run nx -- run-many -t test build -p ${names} --parallel=2`);
});

test.each(packages)('%s has passed tests, and types', (path) => {
  const { passed, failed } = JSON.parse(
    readFileSync(join(folder, path, 'test-results/vitest.json'), 'utf8'),
  ) as Record<string, number>;
  expect(passed).toBeGreaterThanOrEqual(5);
  expect(failed).toBe(0);
  expect(readFileSync(join(folder, path, 'dist/index.d.ts'), 'utf8')).toContain('export {');
});

test('the repository’s laws hold', { timeout: 120_000 }, async () => {
  // Of every file, and of the new packages; the other packages are as they were.
  const laws = ['every file', ...packages, 'tools/demos/examples'].join('|');
  await run(`npx vitest run src/repository.test.ts -t '${laws}'`, 'tools/checks/structure');
});

test('the READMEs’ programs run', { timeout: 60_000 }, async () => {
  await run(`npx vitest run -t '(${packages.join('|')})/README.md'`, 'tools/checks/readme-snippets');
});

test.each(recipes)('the recipe %s trains', { timeout: 60_000 }, async (recipe) => {
  expect(await run(`npm run transfusion -- train ${recipe} --steps 2`)).toContain('2 of 2 steps');
});
