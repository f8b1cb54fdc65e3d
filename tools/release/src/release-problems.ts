import { relativeLinks } from '@transfusion/setup/markdown-links';
import { isBinaryPackage } from '@transfusion/setup/package-files';

/** The part of a tarball's package.json that a release looks at. */
export interface PackedManifest {
  readonly name: string;
  readonly version: string;
  readonly repository?: { readonly directory?: string };
  readonly homepage?: string;
  readonly bugs?: object;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Returns what keeps a packed package from being published. */
export function releaseProblems(
  manifest: PackedManifest,
  readme: string,
  files: readonly string[],
): string[] {
  const { version, repository, homepage, bugs } = manifest;
  const dependencies = Object.entries({
    ...manifest.dependencies,
    ...manifest.optionalDependencies,
    ...manifest.peerDependencies,
  });
  return [
    version === '0.0.0' && 'has version 0.0.0. Describe its first release: npm run changeset',
    !files.includes('CHANGELOG.md') && 'has no CHANGELOG.md. Describe its changes: npm run changeset',
    !(repository?.directory && homepage && bugs) && 'does not say where its repository is',
    ...dependencies
      .filter(([name, range]) => name.startsWith('@transfusion/') && !ownRange(name).test(range))
      .map(
        ([name, range]) =>
          `depends on ${name} ${range}, expected ${isBinaryPackage(name) ? 'an exact version' : '^ and a version'}`,
      ),
    ...relativeLinks(readme).map((link) => `README.md links to ${link}, expected an absolute address`),
  ].filter((problem) => problem !== false);
}

function ownRange(name: string): RegExp {
  return isBinaryPackage(name) ? /^\d/ : /^\^\d/;
}
