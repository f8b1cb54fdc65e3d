/** Training of low-rank updates by a recipe, their files, and models with them. */
import { mkdtempSync } from 'node:fs';
import { cp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import { generateDocuments } from '@transfusion/core';
import { selectEngine } from '@transfusion/engine';
import { encodeDocument } from '@transfusion/modality';
import { imageFactory } from '@transfusion/modality-image';
import { textFactory } from '@transfusion/modality-text';
import { disposeParams, flattenParams, readSafetensors, type Params } from '@transfusion/nn';
import { exportCheckpoint, openCheckpoint } from '@transfusion/trainer';
import { beforeAll, describe, expect, test } from 'vitest';
import { defineRecipe } from './define-recipe.js';
import { findCheckpoint } from './find-checkpoint.js';
import { loadModel } from './load-model.js';
import type { LoadedModel } from './loaded-model.js';
import { exportLora } from './lora-files.js';
import { runRecipe } from './run-recipe.js';
import { tinyRecipe } from './testing-internals/tiny-recipe.js';

const factories = [textFactory(), imageFactory()];
const newFolder = (): string => mkdtempSync(join(tmpdir(), 'lora-run-'));
const tiny = { ...tinyRecipe(), totalSteps: 3 };

const numbersOf = (params: Params): Record<string, Float32Array> =>
  Object.fromEntries(
    Object.entries(flattenParams(params)).map(([path, tensor]) => [path, tensor.dataSync<'float32'>()]),
  );

let base: string;
let tuned: string;
let updates: string;
beforeAll(async () => {
  await selectEngine('onnxruntime');
  [base, tuned] = [newFolder(), newFolder()];
  disposeParams((await runRecipe(defineRecipe(tiny), { directory: base })).ema);
  const recipe = defineRecipe({
    ...tiny,
    name: 'tuned',
    init: { from: base },
    lora: { rank: 2, alpha: 4, targets: ['query', 'down'] },
    freeze: ['tokenEmbedding', 'lmHead', 'adapters'],
  });
  // Stopped and resumed.
  disposeParams((await runRecipe(recipe, { directory: tuned, stopAt: 1 })).ema);
  disposeParams((await runRecipe(recipe, { directory: tuned })).ema);
  updates = join(newFolder(), 'nested', 'updates');
  await exportLora(tuned, updates);
}, 60_000);

/** Loads a model, and what it generates. */
async function opened(path: string, lora?: string): Promise<{ loaded: LoadedModel; image: Float32Array }> {
  const loaded = await loadModel(path, factories, { lora });
  const segments = [{ modality: 'text', value: 'red' }];
  const prompt = await encodeDocument(loaded.model.modalities, { segments });
  const request = { prompt, firstSpan: { modality: 'image' }, seed: 1, maxTokens: 0 };
  const [[segment]] = await generateDocuments(loaded.engine, [request]);
  return { loaded, image: 'latent' in segment ? segment.latent.data : new Float32Array() };
}

test('trains the updates alone', async () => {
  const before = await openCheckpoint(await findCheckpoint(base));
  const after = await openCheckpoint(await findCheckpoint(tuned));
  const [stored, changed] = await Promise.all(
    [before, after].map(({ path }) => readSafetensors(join(path, 'ema.safetensors'))),
  );
  for (const name of stored.tensors.keys()) expect(await changed.read(name)).toEqual(await stored.read(name));
  const own = [...changed.tensors.keys()].filter((name) => !stored.tensors.has(name));
  expect(own.sort()).toEqual(
    ['down', 'query'].flatMap((target) => [`lora.layers.0.${target}.down`, `lora.layers.0.${target}.up`]),
  );
  for (const name of own) expect((await changed.read(name)).data.some((value) => value !== 0)).toBe(true);
  const optimizer = await readSafetensors(join(after.path, 'optimizer.safetensors'));
  expect([...optimizer.tensors.keys()].filter((name) => !name.includes('lora'))).toEqual(['count']);
  await Promise.all([stored, changed, optimizer].map((file) => file.close()));
});

test('the run, its export, and the base with the updates are one model', async () => {
  const exported = join(newFolder(), 'exported');
  await exportCheckpoint(await findCheckpoint(tuned), exported, 'float32');
  const [run, copy, apart, plain] = [
    await opened(tuned),
    await opened(exported),
    await opened(base, updates),
    await opened(base),
  ];
  expect(run.loaded.params).not.toHaveProperty('lora');
  expect(numbersOf(copy.loaded.params)).toEqual(numbersOf(run.loaded.params));
  expect(numbersOf(apart.loaded.params)).toEqual(numbersOf(run.loaded.params));
  expect(apart.image).toEqual(run.image);
  expect(plain.image).not.toEqual(run.image);
  for (const { loaded } of [run, copy, apart, plain]) loaded.dispose();
});

test('the files have the names, shapes and settings of PEFT', async () => {
  expect((await readdir(updates)).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
  const file = await readSafetensors(join(updates, 'adapter_model.safetensors'));
  const prefix = 'base_model.model.model.layers.0';
  expect(Object.fromEntries([...file.tensors].map(([name, { shape }]) => [name, shape]))).toEqual({
    [`${prefix}.self_attn.q_proj.lora_A.weight`]: [2, 16],
    [`${prefix}.self_attn.q_proj.lora_B.weight`]: [16, 2],
    [`${prefix}.mlp.down_proj.lora_A.weight`]: [2, 32],
    [`${prefix}.mlp.down_proj.lora_B.weight`]: [16, 2],
  });
  await file.close();
  expect(JSON.parse(await readFile(join(updates, 'adapter_config.json'), 'utf8'))).toMatchObject({
    peft_type: 'LORA',
    r: 2,
    lora_alpha: 4,
    target_modules: ['q_proj', 'down_proj'],
  });
  expect((await stat(join(updates, 'adapter_model.safetensors'))).size).toBeLessThan(2000);
});

test('a run of updates starts from a run of updates', { timeout: 60_000 }, async () => {
  const again = defineRecipe({
    ...tiny,
    name: 'again',
    init: { from: tuned },
    lora: { rank: 1 },
    samples: undefined,
  });
  const directory = newFolder();
  const { ema, model } = await runRecipe(again, { directory, stopAt: 1 });
  expect(model.config.lora).toEqual({ rank: 1, alpha: 1, targets: ['query', 'value'] });
  const { loaded } = await opened(tuned);
  expect(ema.trunk.layers[0]['tokens'].attention.key.weight.dataSync()).toEqual(
    loaded.params.trunk.layers[0]['tokens'].attention.key.weight.dataSync(),
  );
  expect(ema.trunk.layers[0]['tokens'].attention.query.weight.dataSync()).toEqual(
    loaded.params.trunk.layers[0]['tokens'].attention.query.weight.dataSync(),
  );
  disposeParams(ema);
  loaded.dispose();
});

describe('refuses', () => {
  const copied = async (change: (folder: string) => Promise<unknown>): Promise<string> => {
    const folder = join(newFolder(), 'copy');
    await cp(updates, folder, { recursive: true });
    await change(folder);
    return folder;
  };
  const setting = (name: string, value: unknown) => async (folder: string) => {
    const path = join(folder, 'adapter_config.json');
    const config = JSON.parse(await readFile(path, 'utf8')) as object;
    await writeFile(path, JSON.stringify({ ...config, [name]: value }));
  };

  test.each<readonly [string, (folder: string) => Promise<unknown>, string]>([
    ['other kinds of updates', setting('use_dora', true), 'use_dora is true, expected false'],
    ['ranks by layer', setting('rank_pattern', { q_proj: 8 }), 'rank_pattern is {"q_proj":8}, expected {}'],
    ['another rank', setting('r', 3), "q_proj.lora_A.weight' is float32 [2,16], expected float32 [3,16]"],
    [
      'changed base weights',
      setting('init_lora_weights', 'pissa'),
      'init_lora_weights is "pissa", which changes the base',
    ],
    ['no alpha', setting('lora_alpha', undefined), 'lora_alpha is undefined, expected a number'],
    ['no rank', setting('r', null), 'rank is null, expected a positive integer'],
    ['a missing config', (folder) => rm(join(folder, 'adapter_config.json')), 'cannot be read (ENOENT)'],
    [
      'a config that is not JSON',
      (folder) => writeFile(join(folder, 'adapter_config.json'), '{'),
      'it is not JSON',
    ],
    [
      'missing weights',
      (folder) => rm(join(folder, 'adapter_model.safetensors')),
      'adapter_model.safetensors',
    ],
  ])('%s, and leaks nothing', async (_, change, message) => {
    const folder = await copied(change);
    const before = tf.memory().numTensors;
    await expect(loadModel(base, factories, { lora: folder })).rejects.toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('updates of a trunk with more layers', async () => {
    const deep = newFolder();
    const transformer = { modelDim: 16, numLayers: 2, numHeads: 2, ffnDim: 32 };
    const options = { ...tiny, transformer, samples: undefined };
    disposeParams((await runRecipe(defineRecipe(options), { directory: deep, stopAt: 1 })).ema);
    await expect(loadModel(deep, factories, { lora: updates })).rejects.toThrow(
      /has no '.*layers\.1\.self_attn\.q_proj\.lora_A\.weight', expected updates of the projections of 2 layers/,
    );
  });

  test('updates without a model to start from', async () => {
    const scratch = defineRecipe({ ...tiny, lora: { rank: 2 } });
    await expect(runRecipe(scratch, { directory: newFolder() })).rejects.toThrow(
      "recipe 'tiny': lora is set, but not init.from, expected a trained model whose trunk is updated.",
    );
  });

  test('to export updates that are not all that was trained', async () => {
    const directory = newFolder();
    const more = defineRecipe({
      ...tiny,
      name: 'more',
      init: { from: base },
      lora: { rank: 1 },
      freeze: ['adapters'],
      samples: undefined,
    });
    disposeParams((await runRecipe(more, { directory, stopAt: 1 })).ema);
    await expect(exportLora(directory, join(newFolder(), 'out'))).rejects.toThrow(
      /lmHead, tokenEmbedding were trained as well, .* with freeze: \['lmHead', 'tokenEmbedding'\]/,
    );
  });

  test('to export into a folder that exists', async () => {
    await expect(exportLora(tuned, newFolder())).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('already exists. Choose a new folder.') as string,
    });
  });

  test('updates for per-modality weights', async () => {
    const directory = newFolder();
    const transformer = {
      modelDim: 16,
      numLayers: 1,
      numHeads: 2,
      ffnDim: 32,
      weights: 'per-modality',
    } as const;
    const recipe = defineRecipe({ ...tiny, transformer, samples: undefined });
    disposeParams((await runRecipe(recipe, { directory, stopAt: 1 })).ema);
    await expect(loadModel(directory, factories, { lora: updates })).rejects.toThrow(
      "the trunk has weights 'per-modality', expected 'shared'",
    );
  });

  test('to export what was not trained', async () => {
    await expect(exportLora(base, join(newFolder(), 'out'))).rejects.toThrow('has no low-rank updates');
  });

  test('unknown parts to freeze, before data is prepared', async () => {
    const sources = (): never => {
      throw new Error('data was opened');
    };
    const wrong = { ...defineRecipe({ ...tiny, freeze: ['adapters.sound'] }), sources };
    await expect(runRecipe(wrong, { directory: newFolder() })).rejects.toThrow(
      "freeze: no parameter is in 'adapters.sound'",
    );
  });

  test('invalid fields of a recipe, all at once', () => {
    expect(() => defineRecipe({ ...tiny, lora: { rank: 1, targets: ['key', 'key'] } })).toThrow(
      "recipe 'tiny': lora.targets is a list, expected each projection once.",
    );
    const invalid = { ...tiny, init: {}, freeze: 'trunk', lora: { rank: 0, targets: ['q_proj'] } };
    expect(() => defineRecipe(invalid as never)).toThrow(
      [
        "recipe 'tiny':",
        'init.from is missing, expected a folder',
        'freeze is "trunk", expected a list of paths',
        'lora.rank is 0, expected a positive integer',
        'lora.targets[0] is "q_proj", expected one of query, key, value, out, gate, up, down',
      ].join('\n  '),
    );
  });
});
