/** A page's bundle has this package without TensorFlow.js and without modules of Node.js. */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

it.each(['index', 'worker'])('the entry %s is small, and runs in browsers', async (name) => {
  const { metafile, outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`${name}.ts`, import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@transfusion/source'],
    external: ['onnxruntime-web'],
    minify: true,
    metafile: true,
    write: false,
  });
  const inputs = Object.keys(metafile.inputs);
  expect(inputs.filter((path) => /tfjs|tensorflow|onnxruntime-node|sharp/.test(path))).toEqual([]);
  expect(inputs.some((path) => path.endsWith('modality-text/src/text.ts'))).toBe(true);
  expect(gzipSync(outputFiles[0].contents).length).toBeLessThan(43_000);
});
