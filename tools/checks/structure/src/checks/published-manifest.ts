/** The requirements on the package.json of every package that npm users can install. */
import { isBinaryPackage } from '@transfusion/setup/package-files';

interface PublishedManifest {
  readonly engines?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Written into the packages when they are released, from the one setting at the root. */
const writtenByRelease = ['repository', 'homepage', 'bugs'];

/** @param node the range of Node versions in the root's package.json */
export function publishedManifestProblems(manifest: PublishedManifest, node: string): string[] {
  const found = manifest.engines?.['node'];
  const dependencies = { ...manifest.dependencies, ...manifest.optionalDependencies };
  return [
    found !== node && `engines.node is ${found}, expected the root's ${node}`,
    !manifest.files?.includes('CHANGELOG.md') && 'files does not include CHANGELOG.md',
    !manifest.scripts?.['prepack'] && "has no script 'prepack', which keeps empty packages from being packed",
    ...writtenByRelease
      .filter((field) => field in manifest)
      .map((field) => `has the field ${field}, which a release writes: take it out`),
    ...Object.entries(dependencies)
      .filter(([name, range]) => name.startsWith('@transfusion/') && range !== ownRange(name))
      .map(([name, range]) => `depends on ${name} as ${range}, expected ${ownRange(name)}`),
    ...Object.entries(manifest.peerDependencies ?? {})
      .filter(([, range]) => !hasLowerBound(range))
      .map(
        ([name, range]) =>
          `the peer ${name} is ${range}, expected a range with a lower bound, such as ^1.2.3`,
      ),
  ].filter((problem) => problem !== false);
}

function ownRange(name: string): string {
  return isBinaryPackage(name) ? 'workspace:*' : 'workspace:^';
}

function hasLowerBound(range: string): boolean {
  return range.split('||').every((part) => /^(?:[\^~]|>=)?\s*\d|^workspace:\^$/.test(part.trim()));
}
