import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as tf from '@transfusion/tfjs';
import { createTransfusion, transformerConfig } from '@transfusion/core';
import { createModalityRegistry } from '@transfusion/modality';
import { text } from '@transfusion/modality-text';
import { createRng } from '@transfusion/nn';
import { afterAll, beforeAll, expect, test } from 'vitest';

const home = fileURLToPath(new URL('..', import.meta.url));
const COPIES = Symbol.for('@transfusion/package-copies');
let folder: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'pipelines-copies-')));
  return tf.setBackend('onnxruntime');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Installs a copy of the package with another version; returns the path of its module. */
function install(version: string): string {
  const copy = join(folder, version);
  mkdirSync(join(copy, 'src'), { recursive: true });
  symlinkSync(join(home, 'node_modules'), join(copy, 'node_modules'), 'junction');
  writeFileSync(join(copy, 'package.json'), JSON.stringify({ name: '@transfusion/pipelines', version }));
  cpSync(join(home, 'src', 'trained-model.ts'), join(copy, 'src', 'trained-model.ts'));
  return join(copy, 'src', 'trained-model.ts');
}

test('two copies warn, with their versions and folders, since each has engines of its own', async () => {
  const files = ['7.0.1', '7.2.0'].map(install);
  // Other tests of this process have loaded the package itself.
  const loaded = globalThis as { [COPIES]?: unknown };
  const before = loaded[COPIES];
  delete loaded[COPIES];
  const warnings: NodeJS.ErrnoException[] = [];
  const listener = (warning: NodeJS.ErrnoException): void => void warnings.push(warning);
  process.on('warning', listener);
  type Copy = typeof import('./trained-model.js');
  const [first, second] = [
    (await import(pathToFileURL(files[0]).href)) as Copy,
    (await import(pathToFileURL(files[1]).href)) as Copy,
  ];
  await setImmediate();
  process.off('warning', listener);
  loaded[COPIES] = before;
  expect(warnings).toMatchObject([{ name: 'TransfusionWarning', code: 'TRANSFUSION_TWO_COPIES' }]);
  expect(warnings[0].message).toBe(
    `@transfusion/pipelines is loaded twice, expected one copy: found 7.0.1 (${files[0]}), and 7.2.0 (${files[1]}). Each ` +
      'creates an engine of its own for the same model, with weights and caches in memory twice. See who depends on which ' +
      "copy with 'npm ls @transfusion/pipelines', and merge them with 'npm dedupe'.",
  );

  const modalities = createModalityRegistry(text());
  const transformer = transformerConfig({ modelDim: 8, numLayers: 1, numHeads: 1 });
  const model = createTransfusion({ modalities, transformer });
  const trained = { model, params: model.init(createRng(1)) };
  expect(first.engineOf(trained)).toBe(first.engineOf(trained));
  expect(second.engineOf(trained)).not.toBe(first.engineOf(trained));
});
