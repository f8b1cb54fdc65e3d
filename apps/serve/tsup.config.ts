import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/cli.ts'],
  // Chunks, so that each command loads what it needs.
  format: ['esm'],
  splitting: true,
  platform: 'node',
  target: 'node20',
  clean: true,
});
