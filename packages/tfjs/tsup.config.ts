import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  platform: 'node',
  target: 'node20',
  // The types of the methods of tensors: the bundler of types leaves out imports of nothing.
  dts: { banner: "import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';" },
  clean: true,
  // `import.meta.url` in the CommonJS build.
  shims: true,
  // The modules of core that `registrations.ts` imports; core itself stays a dependency.
  noExternal: [/^@tensorflow\/tfjs-core\/dist\//],
});
