import { defineConfig } from 'tsup';

export default defineConfig({
  // One folder, so that the server finds the programs of other processes beside itself.
  entry: {
    cli: 'src/cli.ts',
    'model-process': 'src/inference/model-process.ts',
    'export-process': 'src/inference/export-process.ts',
  },
  format: ['esm'],
  splitting: true,
  platform: 'node',
  target: 'node20',
  clean: true,
});
