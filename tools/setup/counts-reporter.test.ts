import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const setupDirectory = dirname(fileURLToPath(import.meta.url));
let project: string;

beforeEach(() => {
  // Inside the workspace, so that `vitest` resolves.
  mkdirSync(join(setupDirectory, 'test-results'), { recursive: true });
  project = mkdtempSync(join(setupDirectory, 'test-results', 'reporter-'));
  cpSync(join(setupDirectory, 'counts-reporter.ts'), join(project, 'counts-reporter.ts'));
  writeFileSync(
    join(project, 'vitest.config.ts'),
    `import { CountsReporter } from './counts-reporter.js';
     export default { test: { include: ['*.case.ts'], reporters: [new CountsReporter('counts.json')] } };`,
  );
});

afterEach(() => {
  rmSync(project, { recursive: true });
});

function countsOf(files: Record<string, string>): unknown {
  for (const [name, body] of Object.entries(files)) {
    writeFileSync(
      join(project, name),
      `import { beforeAll, describe, expect, test } from 'vitest';\n${body}`,
    );
  }
  const vitest = join(setupDirectory, '../../node_modules/vitest/vitest.mjs');
  spawnSync(process.execPath, [vitest, 'run'], { cwd: project, stdio: 'ignore' });
  return JSON.parse(readFileSync(join(project, 'counts.json'), 'utf8'));
}

test('counts tests by outcome', () => {
  const body = `test('a', () => {}); test('b', () => expect(1).toBe(2)); test.${'skip'}('c', () => {});`;
  expect(countsOf({ 'a.case.ts': body })).toEqual({ passed: 1, failed: 1, skipped: 1 });
});

test('a file that cannot be loaded, and a hook or a stray promise that fails, are failures', () => {
  const counts = countsOf({
    'broken.case.ts': `throw new Error('on loading');`,
    'hook.case.ts': `describe('d', () => { beforeAll(() => { throw new Error('hook'); }); test('t', () => {}); });`,
    'stray.case.ts': `test('t', async () => {
      void Promise.reject(new Error('stray'));
      await new Promise((resolve) => setTimeout(resolve, 20));
    });`,
  });
  expect(counts).toEqual({ passed: 1, failed: 3, skipped: 1 });
});
