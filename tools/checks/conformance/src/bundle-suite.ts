import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import type { BackendUnderTest } from './backends.js';
import { packageDirectory } from './package-directory.js';

/**
 * Bundles the suite with a backend into one ES module at `outfile`. A bundle, because the ES modules
 * of TensorFlow.js import without file extensions, which Node refuses, and because all parts must
 * share one copy of its core: the classes of a second copy are strangers to the first.
 */
export async function bundleSuite(
  { module }: BackendUnderTest,
  outfile: string,
  options: { sourceMap: boolean },
): Promise<void> {
  await build({
    absWorkingDir: packageDirectory,
    entryPoints: [join(packageDirectory, 'src/suite/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    conditions: ['@transfusion/source'],
    alias: { 'backend-under-test': module },
    external: ['jasmine-core'],
    // TensorFlow.js declares its specs to be free of side effects.
    ignoreAnnotations: true,
    sourcemap: options.sourceMap ? 'linked' : false,
    sourcesContent: false,
    // CommonJS modules in the bundle call require.
    banner: {
      js: `import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);`,
    },
    plugins: [oneCopyOfCore, nativePackagesStayOutside, modulesKeepTheirUrl],
    logLevel: 'silent',
  });
}

const RESOLVED = Symbol('resolved');

/** Resolves core and the cpu backend from this package, no matter which file imports them. */
const oneCopyOfCore: Plugin = {
  name: 'one-copy-of-core',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^@tensorflow\/tfjs-(core|backend-cpu)(\/|$)/ }, ({ path, kind, pluginData }) =>
      pluginData === RESOLVED
        ? undefined
        : resolve(path, { kind, resolveDir: packageDirectory, pluginData: RESOLVED }),
    );
  },
};

/** Leaves packages with native libraries, and what they depend on, where they are installed. */
const nativePackagesStayOutside: Plugin = {
  name: 'native-packages-stay-outside',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^onnxruntime-/ }, async ({ path, kind, resolveDir, pluginData }) => {
      if (pluginData === RESOLVED || isBuiltin(path)) return undefined;
      const found = await resolve(path, { kind, resolveDir, pluginData: RESOLVED });
      if (found.errors.length > 0) return found;
      const isRequired = kind === 'require-call' || kind === 'require-resolve';
      return { path: isRequired ? found.path : pathToFileURL(found.path).href, external: true };
    });
  },
};

/** Keeps `import.meta.url` of the backend's modules, which they resolve packages from. */
const modulesKeepTheirUrl: Plugin = {
  name: 'modules-keep-their-url',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]packages[\\/][^\\/]+[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const url = JSON.stringify(pathToFileURL(path).href);
      return { contents: source.replaceAll('import.meta.url', url), loader: 'ts' };
    });
  },
};
