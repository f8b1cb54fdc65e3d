import { defineConfig } from 'tsup';
import { library } from '../../tsup.shared.js';

export default defineConfig({
  ...library,
  entry: ['src/index.ts'],
  esbuildOptions: (options, { format }) => {
    // A program of CommonJS must get the same copy of @transfusion/pipelines as by its own `require`.
    if (format === 'cjs') options.supported = { 'dynamic-import': false };
  },
});
