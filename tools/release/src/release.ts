/**
 * Releases the packages: `npm run release`, or `npm run release -- --dry-run` to see what would be published;
 * `npm run release -- --check` installs them in all supported ways. See docs/releasing.md.
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SetupError } from '@transfusion/setup/setup-error';
import { root, rootManifest } from '@transfusion/setup/workspace';
import { ciIdentity } from './ci-identity.js';
import { git, hasOrigin } from './git.js';
import { accountRefusals, refusals } from './refusals.js';
import { OUTPUT, releaseActions } from './release-actions.js';
import { parseOptions, type ReleaseOptions } from './release-options.js';
import { releaseSteps, runSteps } from './release-steps.js';
import { run } from './run-command.js';

function release(options: ReleaseOptions): void {
  const identity = ciIdentity(process.env);
  refuse(options);
  console.log(`Releasing commit ${git('log', '-1', '--format=%h %s')}`);
  if (!options.dryRun)
    console.log(`Provenance: ${identity ?? 'none, since this is not a CI job with an identity'}`);

  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'transfusion-release-')));
  const checkout = join(folder, 'repository');
  try {
    const actions = releaseActions(checkout, { commits: !options.dryRun, identity });
    runSteps(releaseSteps(options, actions), (line) => console.log(line));
  } finally {
    tidyUp(folder);
  }
  const end = options.dryRun ? 'Dry run: nothing was published, tagged or committed.' : 'Released.';
  console.log(`${end} Tarballs and notes are in ${OUTPUT}.`);
}

/** Removes the checkout; what is left of it does not change how the release ended. */
function tidyUp(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
    git('worktree', 'prune');
  } catch (error) {
    console.error(`release: ${folder} cannot be removed (${(error as Error).message}). Remove it by hand.`);
  }
}

/** Stops a release that may not begin; a dry run only reports why. */
function refuse({ dryRun }: ReleaseOptions): void {
  const changes = git('status', '--porcelain').split('\n').filter(Boolean);
  const { repository } = rootManifest;
  const found = refusals({ branch: git('branch', '--show-current'), changes, repository });
  if (dryRun) {
    for (const problem of found) console.log(`A release would be refused: ${problem}`);
    return;
  }
  if (found.length === 0) {
    if (hasOrigin()) git('fetch', '--quiet', '--tags', 'origin', 'main');
    const behind = hasOrigin() ? Number(git('rev-list', '--count', 'HEAD..FETCH_HEAD')) : 0;
    const publisher = answer('npm', ['whoami']);
    const committer = answer('git', ['var', 'GIT_COMMITTER_IDENT']);
    found.push(...accountRefusals({ behind, publisher, committer }));
  }
  if (found.length > 0) throw new SetupError(`release: ${found.join('\nrelease: ')}`);
}

/** Returns what a command prints; undefined if it fails. */
function answer(command: string, args: readonly string[]): string | undefined {
  try {
    return run(command, args, { cwd: root }).trim();
  } catch {
    return undefined;
  }
}

/** Installs the packages in all ways that are supported, from a registry of its own. */
function checkInstalls(): void {
  run('pnpm', ['--silent', '--filter', '@transfusion/registry', 'run', 'start'], {
    cwd: root,
    interactive: true,
  });
}

// Ctrl-C ends the command that is running, and with it the release, which then tidies up.
process.on('SIGINT', () => undefined);
try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'check') checkInstalls();
  else release(options);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
