/** The actions behind the steps of a release. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, rootManifest, workspaceProjects } from '@transfusion/setup/workspace';
import { completePackages, type PublishedPackage } from './complete-packages.js';
import { git, hasOrigin } from './git.js';
import { formatTarballs, packPackages, type Tarball } from './pack-packages.js';
import { releaseNotes } from './release-notes.js';
import type { ActionName } from './release-steps.js';
import { parseAddress, PLACEHOLDER } from './repository-address.js';
import { run } from './run-command.js';

/** Tarballs and notes of the last release or dry run; git ignores it. */
export const OUTPUT = join(root, 'release-out');

/** Circumstances of a release. */
export interface ReleaseCircumstances {
  /** False in a dry run. */
  readonly commits: boolean;
  /** The CI service that vouches for the packages, if any. */
  readonly identity: string | undefined;
}

/** Returns the actions of a release in a checkout of its own: nothing that lies about in this one has a part in it. */
export function releaseActions(
  checkout: string,
  { commits, identity }: ReleaseCircumstances,
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
      if (commits && run('git', ['status', '--porcelain'], inCheckout) !== '') {
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
      const commit = run('git', ['rev-parse', 'HEAD'], inCheckout).trim();
      const local = new Set(git('tag', '--list').split('\n'));
      const tags = packages.map(tagOf);
      for (const tag of tags.filter((name) => !local.has(name)))
        git('tag', '--annotate', '--message', tag, tag, commit);
      if (hasOrigin()) git('push', '--quiet', 'origin', ...tags.map((name) => `refs/tags/${name}`));
    },
  };
}

/** The packages of which this version has no tag yet where others see it: what is published is tagged at last. */
function untaggedPackages(checkout: string): PublishedPackage[] {
  const tags = new Set(
    hasOrigin()
      ? git('ls-remote', '--tags', 'origin')
          .split('\n')
          .map((line) => line.split('refs/tags/').at(-1))
      : git('tag', '--list').split('\n'),
  );
  return workspaceProjects(checkout)
    .filter(({ manifest }) => !manifest.private)
    .map(({ path, manifest: { name, version } }) => ({ name, version, directory: path }))
    .filter((published) => !tags.has(tagOf(published)));
}

function tagOf({ name, version }: PublishedPackage): string {
  return `${name}@${version}`;
}
