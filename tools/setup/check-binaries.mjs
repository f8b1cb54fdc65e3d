/** Checks a packed package of binaries (packages/onnxruntime-binaries), and loads it on its own platform. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ALWAYS_PACKED = ['LICENSE', 'README.md', 'package.json'];

/** Returns the problems of a tarball that was packed from a manifest; unpacks it into the folder. */
export function binaryProblems(tarball, folder, { name, files, publishConfig }) {
  execFileSync('tar', ['-xzf', tarball, '-C', folder]);
  const unpacked = join(folder, 'package');
  const packed = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'));
  const differs = (what, found, expected) =>
    String(found) === String(expected) ? [] : [`${name}: ${what} ${found}, expected ${expected}`];
  // There is no changelog before the first release.
  const present = files.filter((file) => file !== 'CHANGELOG.md' || existsSync(file));
  const problems = [
    ...differs('holds', readdirSync(unpacked).sort(), [...ALWAYS_PACKED, ...present].sort()),
    ...['os', 'cpu', 'libc'].flatMap((key) => differs(`${key} is`, packed[key], publishConfig[key])),
    ...['preinstall', 'install', 'postinstall']
      .filter((script) => packed.scripts?.[script] !== undefined)
      .map((script) => `${name}: has the install script '${script}', expected none`),
  ];
  return [...problems, ...loadProblems(unpacked, packed)];
}

function loadProblems(folder, { name, os, cpu }) {
  if (String(os) !== process.platform || String(cpu) !== process.arch) return [];
  // In a process of its own: Windows does not delete a library while it is loaded.
  const load = ['--eval', `require(${JSON.stringify(folder)})`];
  const { status, stderr } = spawnSync(process.execPath, load, { encoding: 'utf8' });
  return status === 0 ? [] : [`${name}: does not load: ${stderr}`];
}
