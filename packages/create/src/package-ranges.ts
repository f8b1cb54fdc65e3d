import { readFileSync } from 'node:fs';

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Manifest;

/**
 * Returns the version of a `@transfusion` package that templates are tested with. A published manifest has it among its
 * development dependencies; in the workspace, all have that of this package.
 *
 * @throws Error if no template uses the package
 */
export function testedVersion(name: string): string {
  const range = manifest.dependencies[name] ?? manifest.devDependencies[name];
  if (range === undefined) throw new Error(`${name} is no dependency of @transfusion/create`);
  return range.startsWith('workspace:') ? manifest.version : range.replace(/^\^/, '');
}

/** Writes versions into the text of a `package.json`: of `@transfusion` packages, whose ranges end in 0.0.0 there. */
export function withTestedVersions(json: string): string {
  return json.replace(
    /"(@transfusion\/[a-z-]+)": "([\^>=]*)0\.0\.0"/g,
    (_, name: string, operator: string) => `"${name}": "${operator}${testedVersion(name)}"`,
  );
}
