/** Publishes the packages once for all test files, and ends the registry after them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { publishPackages } from './publish-packages.js';
import { startRegistry } from './registry-server.js';
import { userEnvironment } from './shell.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the registry, with a slash at the end. */
    readonly registry: string;
    /** A user's `.npmrc`, which takes the packages from the registry. */
    readonly npmrc: string;
  }
}

/** Called by vitest before the tests; returns what it calls after them. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'transfusion-registry-'));
  const server = await startRegistry(join(folder, 'registry'));
  const npmrc = join(folder, '.npmrc');
  writeFileSync(npmrc, server.npmrc);
  const stop = async (): Promise<void> => {
    await server.close();
    rmSync(folder, { recursive: true });
  };
  await publishPackages(server.url, userEnvironment(npmrc)).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  project.provide('registry', server.url);
  project.provide('npmrc', npmrc);
  return stop;
}
