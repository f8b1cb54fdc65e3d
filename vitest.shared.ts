import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { CountsReporter } from './tools/setup/counts-reporter.js';

const conditions = ['@transfusion/source', 'node', 'import', 'module', 'default'];

/** The settings every project's tests run under: from source, each file in a process of its own. */
export const sharedTestConfig = defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['src/**/*.test.ts'],
    environment: 'node',
    globalSetup: fileURLToPath(new URL('./tools/setup/temporary-folder.ts', import.meta.url)),
    // Native add-ons (ONNX Runtime) must not be loaded by several worker threads.
    pool: 'forks',
    execArgv: ['--conditions=@transfusion/source'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default', new CountsReporter('test-results/vitest.json')],
  },
});
