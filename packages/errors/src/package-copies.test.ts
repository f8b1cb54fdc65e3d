import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { warnOfSecondCopy } from './package-copies.js';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'package-copies-'))));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a copy of a package; returns the URL of a file of its build. */
function copyOf(name: string, version: string, at: string): (file: string) => string {
  mkdirSync(join(folder, at, 'dist'), { recursive: true });
  writeFileSync(join(folder, at, 'package.json'), JSON.stringify({ name, version }));
  // Names the type of modules in a build; not the package.
  writeFileSync(join(folder, at, 'dist', 'package.json'), '{ "type": "module" }');
  return (file) => pathToFileURL(join(folder, at, 'dist', file)).href;
}

/** Returns the warnings that are emitted while `load` runs. */
async function warningsOf(load: () => void): Promise<readonly NodeJS.ErrnoException[]> {
  const warnings: NodeJS.ErrnoException[] = [];
  const listener = (warning: NodeJS.ErrnoException): void => void warnings.push(warning);
  process.on('warning', listener);
  load();
  await setImmediate();
  process.off('warning', listener);
  return warnings;
}

describe('warnOfSecondCopy', () => {
  it('is silent about one copy, however often it is loaded, and about different packages', async () => {
    const a = copyOf('one-a', '1.0.0', 'one-a');
    const b = copyOf('one-b', '1.0.0', 'one-b');
    const warnings = await warningsOf(() => {
      for (const url of [a('index.js'), a('index.js')]) warnOfSecondCopy('one-a', url, 'It breaks.');
      warnOfSecondCopy('one-b', b('index.js'), 'It breaks.');
    });
    expect(warnings).toEqual([]);
  });

  it('names two folders, their versions, what breaks and what to do, once', async () => {
    const first = copyOf('two', '1.0.0', 'a')('index.js');
    const second = copyOf('two', '1.2.0', 'b')('index.js');
    const warnings = await warningsOf(() => {
      for (const url of [first, second, second]) warnOfSecondCopy('two', url, 'It breaks.');
    });
    expect(warnings).toMatchObject([{ name: 'TransfusionWarning', code: 'TRANSFUSION_TWO_COPIES' }]);
    expect(warnings[0].message).toBe(
      `two is loaded twice, expected one copy: found 1.0.0 (${join(folder, 'a/dist/index.js')}), and ` +
        `1.2.0 (${join(folder, 'b/dist/index.js')}). It breaks. ` +
        "See who depends on which copy with 'npm ls two', and merge them with 'npm dedupe'.",
    );
  });

  it('names the two builds of one package', async () => {
    const both = copyOf('both', '1.0.0', 'both');
    const [warning] = await warningsOf(() => {
      for (const file of ['index.js', 'index.cjs']) warnOfSecondCopy('both', both(file), 'It breaks.');
    });
    expect(warning.message).toContain(
      "index.cjs). It breaks. Load it in one way in the whole program: with 'import'",
    );
  });

  it('names files of programs that hold the package', async () => {
    copyOf('bundler', '1.0.0', 'bundled');
    const program = pathToFileURL(join(folder, 'bundled', 'dist', 'program.js')).href;
    const [warning] = await warningsOf(() => {
      for (const url of [program, copyOf('held', '2.0.0', 'held')('index.js')]) {
        warnOfSecondCopy('held', url, 'It breaks.');
      }
    });
    expect(warning.message).toContain(`found ${join(folder, 'bundled/dist/program.js')}, and 2.0.0 (`);
  });
});
