/**
 * Releases the packages: `npm run release`, or `npm run release -- --dry-run` to see what would be published;
 * `npm run release -- --check` installs them in all supported ways. See docs/releasing.md.
 */
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SetupError } from '@transfusion/setup/setup-error';
import { root, rootManifest, workspaceProjects } from '@transfusion/setup/workspace';
import { ciIdentity } from './ci-identity.js';
import { completePackages, type PublishedPackage } from './complete-packages.js';
import { formatTarballs, packPackages, type Tarball } from './pack-packages.js';
import { accountRefusals, refusals } from './refusals.js';
import { releaseNotes } from './release-notes.js';
import { parseOptions, type ReleaseOptions } from './release-options.js';
import { releaseSteps, runSteps, type ActionName } from './release-steps.js';
import { parseAddress, PLACEHOLDER } from './repository-address.js';
import { run } from './run-command.js';

/** Tarballs and notes of the last release or dry run; git ignores it. */
const OUTPUT = join(root, 'release-out');

const git = (...args: string[]): string => run('git', args, { cwd: root }).trim();
const hasOrigin = (): boolean => git('remote').split('\n').includes('origin');

function release(options: ReleaseOptions): void {
  const identity = ciIdentity(process.env);
  refuse(options, identity);
  console.log(`Releasing commit ${git('log', '-1', '--format=%h %s')}`);
  if (!options.dryRun)
    console.log(`Provenance: ${identity ?? 'none, since this is not a CI job with an identity'}`);

  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'transfusion-release-')));
  const checkout = join(folder, 'repository');
  try {
    runSteps(releaseSteps(options, actionsIn(checkout, options, identity)), (line) => console.log(line));
  } finally {
    if (existsSync(checkout)) git('worktree', 'remove', '--force', checkout);
    rmSync(folder, { recursive: true, force: true });
  }
  const end = options.dryRun ? 'Dry run: nothing was published, tagged or committed.' : 'Released.';
  console.log(`${end} Tarballs and notes are in ${OUTPUT}.`);
}

/** Stops a release that may not begin; a dry run only reports why. */
function refuse({ dryRun }: ReleaseOptions, identity: string | undefined): void {
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
    found.push(...accountRefusals({ behind, publisher: identity ?? npmUser() }));
  }
  if (found.length > 0) throw new SetupError(`release: ${found.join('\nrelease: ')}`);
}

function npmUser(): string | undefined {
  try {
    return run('npm', ['whoami'], { cwd: root }).trim();
  } catch {
    return undefined;
  }
}

/** The actions of a release, in a checkout of its own: nothing that lies about in this one has a part in it. */
function actionsIn(
  checkout: string,
  { dryRun }: ReleaseOptions,
  identity: string | undefined,
): Record<ActionName, () => void> {
  const inCheckout = { cwd: checkout };
  // As in .ci/run.
  const unattended = { CI: 'true', NX_DAEMON: 'false', NX_TUI: 'false' };
  let packages: PublishedPackage[] = [];
  let tarballs: Tarball[] = [];

  return {
    checkOut() {
      git('worktree', 'add', '--quiet', '--detach', checkout);
      run('node', ['tools/setup/run.mjs'], { ...inCheckout, env: unattended });
    },
    version() {
      run('pnpm', ['exec', 'changeset', 'version'], inCheckout);
      if (!dryRun && run('git', ['status', '--porcelain'], inCheckout) !== '') {
        run('git', ['add', '--all'], inCheckout);
        run('git', ['commit', '--quiet', '--message', 'release: versions and changelogs'], inCheckout);
      }
      packages = untaggedPackages(checkout);
      if (packages.length === 0) {
        throw new Error('every version is released already. Describe what has changed: npm run changeset.');
      }
    },
    build() {
      const args = ['exec', 'nx', 'run-many', '-t', 'build', '--parallel=2', '--output-style=static'];
      run('pnpm', args, { ...inCheckout, env: unattended });
    },
    test() {
      run('node', ['tools/setup/run.mjs', 'test:all'], { ...inCheckout, env: unattended, interactive: true });
    },
    complete() {
      const { repository = PLACEHOLDER } = rootManifest;
      completePackages(checkout, packages, parseAddress(repository));
    },
    pack() {
      rmSync(OUTPUT, { recursive: true, force: true });
      mkdirSync(OUTPUT);
      tarballs = packPackages(checkout, packages, OUTPUT);
      console.log(formatTarballs(tarballs));
    },
    writeNotes() {
      writeFileSync(join(OUTPUT, 'notes.md'), releaseNotes(tarballs));
    },
    push() {
      const commit = run('git', ['rev-parse', 'HEAD'], inCheckout).trim();
      if (hasOrigin()) git('push', '--quiet', 'origin', `${commit}:refs/heads/main`);
      git('merge', '--quiet', '--ff-only', commit);
    },
    // npm does not mind the order: for some seconds, a package may be there before one that it depends on.
    publish() {
      const provenance = identity === undefined ? {} : { NPM_CONFIG_PROVENANCE: 'true' };
      run('pnpm', ['exec', 'changeset', 'publish', '--no-git-tag'], {
        ...inCheckout,
        env: provenance,
        interactive: true,
      });
    },
    tag() {
      run('pnpm', ['exec', 'changeset', 'tag'], inCheckout);
      if (hasOrigin()) git('push', '--quiet', '--follow-tags', 'origin', 'main');
    },
  };
}

/** The packages of which this version has no tag yet, as `changeset tag` gives to what is published. */
function untaggedPackages(checkout: string): PublishedPackage[] {
  const tags = new Set(git('tag', '--list').split('\n'));
  return workspaceProjects(checkout)
    .filter(({ manifest }) => !manifest.private && !tags.has(`${manifest.name}@${manifest.version}`))
    .map(({ path, manifest }) => ({ name: manifest.name, directory: path }));
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
