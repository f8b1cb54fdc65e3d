/**
 * The checks and tests that `npm test` runs once everything is installed: lint and types of the whole repository,
 * packaging of every package, every project's tests, then one table. `npm run test:system` runs the slow tests, which
 * need servers, browsers or registries; `.ci/run` both, as `test-all.mjs test test:system`. Tests of two projects run
 * at a time, but for those whose limits of time are tight: `parallelism: false` in their package.json.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatSummary, readResults, totals } from './summary.mjs';
import { root, workspaceProjects } from './workspace.mjs';

const suites = {
  test: [
    { name: 'checks', args: ['-t', 'lint', 'typecheck', 'package-check', '--parallel=2'] },
    { name: 'tests', args: ['-t', 'test', '--parallel=2'] },
  ],
  'test:system': [{ name: 'system tests', args: ['-t', 'test:system', '--parallel=2'] }],
};
const names = process.argv.slice(2);
const stages = names.flatMap((name) => suites[name]);

const tested = workspaceProjects().filter(({ manifest }) => names.some((name) => manifest.scripts?.[name]));

// A result left by an earlier run must not count. nx restores those it has cached.
for (const { directory } of tested) {
  rmSync(join(directory, 'test-results'), { recursive: true, force: true });
}

const failedStages = stages.filter(({ args }) => nxRunMany(args) !== 0).map(({ name }) => name);

const results = tested.map((project) => readResults(project));
console.log(formatSummary(results, failedStages));
process.exitCode = failedStages.length === 0 && totals(results).failed === 0 ? 0 : 1;

function nxRunMany(args) {
  const { status } = spawnSync('pnpm', ['exec', 'nx', 'run-many', ...args, '--output-style=static'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, NX_DAEMON: 'false' },
    shell: process.platform === 'win32',
  });
  return status;
}
