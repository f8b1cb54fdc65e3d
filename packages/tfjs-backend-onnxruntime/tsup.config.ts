import { defineConfig } from 'tsup';

// eslint-disable-next-line no-restricted-syntax -- tsup reads the default export
export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  platform: 'node',
  target: 'node20',
  dts: true,
  sourcemap: true,
  clean: true,
});
