import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { listedFiles, packedFiles, packedText, tarballProblems } from '@transfusion/setup/package-files';
import { SetupError } from '@transfusion/setup/setup-error';
import type { PublishedPackage } from './complete-packages.js';
import { releaseProblems, type PackedManifest } from './release-problems.js';
import { run } from './run-command.js';

/** A package as it would be published. */
export interface Tarball {
  readonly name: string;
  readonly version: string;
  readonly changelog: string;
  readonly bytes: number;
  readonly numFiles: number;
}

/** Packs packages of a checkout into a folder. @throws SetupError with all that is wrong with them */
export function packPackages(
  checkout: string,
  packages: readonly PublishedPackage[],
  folder: string,
): Tarball[] {
  const problems: string[] = [];
  const tarballs = packages.map(({ name, directory }) => {
    const home = join(checkout, directory);
    const source = readManifest(home);
    run('pnpm', ['pack', '--pack-destination', folder], { cwd: home });
    const tarball = join(folder, `${name.replace('@', '').replace('/', '-')}-${source.version}.tgz`);
    const files = packedFiles(tarball);
    const manifest = JSON.parse(packedText(tarball, 'package.json')) as PackedManifest;
    const found = [
      ...tarballProblems(source, listedFiles(home, source), files),
      ...releaseProblems(manifest, packedText(tarball, 'README.md'), files),
    ];
    problems.push(...found.map((problem) => `${name}: ${problem}`));
    const changelog = files.includes('CHANGELOG.md') ? packedText(tarball, 'CHANGELOG.md') : '';
    const { size: bytes } = statSync(tarball);
    return { name, version: manifest.version, changelog, bytes, numFiles: files.length };
  });
  if (problems.length > 0) throw new SetupError(problems.join('\n'));
  return tarballs;
}

function readManifest(folder: string): { readonly version: string; readonly files: readonly string[] } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as ReturnType<typeof readManifest>;
}

/** Formats the table of what is published: name, version, size, number of files. */
export function formatTarballs(tarballs: readonly Tarball[]): string {
  const rows = tarballs.map(({ name, version, bytes, numFiles }) => [
    name,
    version,
    formatBytes(bytes),
    `${numFiles} files`,
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => row[column].length)));
  const lines = rows.map((row) => {
    const [name, ...figures] = row.map((cell, i) =>
      i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]),
    );
    return `  ${[name, ...figures].join('  ')}`;
  });
  const total = tarballs.reduce((sum, { bytes }) => sum + bytes, 0);
  return [...lines, `  ${tarballs.length} packages, ${formatBytes(total)}`].join('\n');
}

function formatBytes(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
