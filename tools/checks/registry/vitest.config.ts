import { fileURLToPath } from 'node:url';
import { defineConfig, mergeConfig } from 'vitest/config';
import { sharedTestConfig } from '../../../vitest.shared.js';

export default mergeConfig(
  sharedTestConfig,
  defineConfig({
    test: {
      globalSetup: [fileURLToPath(new URL('./src/published-registry.ts', import.meta.url))],
    },
  }),
);
