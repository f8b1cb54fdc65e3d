import { defineConfig } from 'tsup';
import { library } from '../../tsup.shared.js';

export default defineConfig({
  ...library,
  entry: ['src/index.ts', 'src/testing.ts'],
  // `import.meta.url` in the CommonJS build.
  shims: true,
});
