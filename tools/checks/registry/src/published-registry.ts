/** Publishes all packages once, for all test files: vitest's global setup. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { publishPackages } from './publish-packages.js';
import { startRegistry } from './registry-server.js';
import { userEnvironment } from './shell.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The registry's address, an `.npmrc` that names it, and a folder for projects outside the workspace. */
    readonly registry: { readonly url: string; readonly npmrc: string; readonly folder: string };
  }
}

/** Starts a registry and publishes to it; returns the function that ends it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'transfusion-registry-'));
  const server = await startRegistry(join(folder, 'registry'));
  const teardown = async (): Promise<void> => {
    await server.close();
    rmSync(folder, { recursive: true });
  };
  try {
    const npmrc = join(folder, '.npmrc');
    writeFileSync(npmrc, server.npmrc);
    await publishPackages(server.url, userEnvironment(npmrc));
    project.provide('registry', { url: server.url, npmrc, folder });
  } catch (error) {
    await teardown();
    throw error;
  }
  return teardown;
}
