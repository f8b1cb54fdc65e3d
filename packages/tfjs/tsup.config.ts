import { defineConfig } from 'tsup';
import { library } from '../../tsup.shared.js';

export default defineConfig({
  ...library,
  entry: ['src/index.ts'],
  // The types of the methods of tensors: the bundler of types leaves out imports of nothing.
  dts: {
    ...library.dts,
    banner: "import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';",
  },
  // `import.meta.url` in the CommonJS build.
  shims: true,
  // The modules of core that `registrations.ts` imports; core itself stays a dependency.
  noExternal: [/^@tensorflow\/tfjs-core\/dist\//],
});
