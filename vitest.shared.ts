import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { CountsReporter } from './tools/setup/counts-reporter.js';

const conditions = ['@transfusion/source', 'node', 'import', 'module', 'default'];

/** The settings every project's tests run under: from source, in two processes at least, which take one file after another. */
export const sharedTestConfig = defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['src/**/*.test.ts'],
    environment: 'node',
    globalSetup: fileURLToPath(new URL('./tools/setup/temporary-folder.ts', import.meta.url)),
    // Native add-ons (ONNX Runtime) must not be loaded by several worker threads.
    pool: 'forks',
    // Loading TensorFlow.js anew for each file takes longer than most tests.
    isolate: false,
    // By default one process on two cores; much of a test's time is on one of them.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    execArgv: ['--conditions=@transfusion/source'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default', new CountsReporter('test-results/vitest.json')],
  },
});
