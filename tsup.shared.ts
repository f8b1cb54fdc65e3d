import type { Options } from 'tsup';

/** Options of every library: built as ES modules and CommonJS, with types. */
export const library = {
  format: ['esm', 'cjs'],
  platform: 'node',
  target: 'node20',
  // From the types of the other packages' builds, which nx builds first: reading their sources takes several times as long.
  dts: { compilerOptions: { customConditions: [] } },
  sourcemap: true,
  clean: true,
} satisfies Options;
