import { defineConfig } from 'tsup';
import { library } from '../../tsup.shared.js';

export default defineConfig({
  ...library,
  entry: ['src/index.ts'],
  // The CommonJS build has no import.meta.url, by which the weights are found.
  shims: true,
});
