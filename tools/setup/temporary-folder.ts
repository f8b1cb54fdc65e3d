/** Gives a project's tests a folder for temporary files, and removes it after them. Vitest calls the two functions. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder: string | undefined;

/** The processes of the tests inherit TMPDIR, and so do theirs. */
export function setup(): void {
  folder = mkdtempSync(join(tmpdir(), 'transfusion-tests-'));
  process.env['TMPDIR'] = folder;
}

/** Removes what the tests left. */
export function teardown(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}
