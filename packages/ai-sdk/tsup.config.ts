import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  platform: 'node',
  target: 'node20',
  dts: true,
  sourcemap: true,
  clean: true,
  esbuildOptions: (options, { format }) => {
    // A program of CommonJS must get the same copy of @transfusion/pipelines as by its own `require`.
    if (format === 'cjs') options.supported = { 'dynamic-import': false };
  },
});
