/** A trained model with more modalities is, for documents without them, the model that it was, bit for bit. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import { generateDocuments, type GenerationRequest } from '@transfusion/core';
import { selectEngine } from '@transfusion/engine';
import { createModalityRegistry, encodeDocument, type Modality } from '@transfusion/modality';
import { image, imageFactory } from '@transfusion/modality-image';
import { text, textFactory } from '@transfusion/modality-text';
import { disposeParams, flattenParams, type Params } from '@transfusion/nn';
import { beforeAll, describe, expect, test } from 'vitest';
import { defineRecipe } from './define-recipe.js';
import { extendModel } from './extend-model.js';
import { findCheckpoint } from './find-checkpoint.js';
import { loadModel } from './load-model.js';
import type { LoadedModel } from './loaded-model.js';
import { runRecipe, type RunOptions } from './run-recipe.js';
import { tinyRecipe } from './testing-internals/tiny-recipe.js';

const factories = [textFactory(), imageFactory()];
const newFolder = (): string => mkdtempSync(join(tmpdir(), 'extend-model-'));
const tiny = { ...tinyRecipe(), totalSteps: 3, samples: undefined };

const notes = text({ name: 'notes' });
const sketch = image({ name: 'sketch', latentShapes: [[4, 4, 3]], patchSize: 2 });
const wide = image({
  latentShapes: [
    [8, 16, 3],
    [8, 8, 3],
  ],
});
const words = text();

const numbersOf = (params: Params): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(flattenParams(params)).map(([path, tensor]) => [path, tensor.arraySync()]),
  );

/** Index of the request whose document may have images. */
const FREE_IMAGES = 2;

beforeAll(() => selectEngine('onnxruntime'));

describe.each(['shared', 'per-modality'] as const)('with %s weights', (weights) => {
  const transformer = { modelDim: 16, numLayers: 1, numHeads: 2, ffnDim: 32, weights };
  const recipe = defineRecipe({ ...tiny, transformer });
  let directory: string;
  let loaded: LoadedModel;
  let documents: Awaited<ReturnType<typeof generateDocuments>>;
  beforeAll(async () => {
    directory = newFolder();
    disposeParams((await runRecipe(recipe, { directory })).ema);
    loaded = await loadModel(directory, factories);
    documents = await generateDocuments(loaded.engine, await requestsOf(loaded));
  });

  const requestsOf = async ({ model }: LoadedModel): Promise<GenerationRequest[]> => {
    const segments = [{ modality: 'text', value: 'red' }];
    const prompt = await encodeDocument(model.modalities, { segments });
    const spanSampling = { numInferenceSteps: 3, guidanceScale: 2 };
    return [
      {
        prompt,
        firstSpan: { modality: 'image', latentShape: [8, 8, 3] },
        seed: 1,
        maxTokens: 0,
        spanSampling,
      },
      { prompt, seed: 2, maxTokens: 12, modalities: ['text'] },
      { prompt: [], seed: 4, maxTokens: 6, maxSpans: 2, modalities: ['text', 'image'], spanSampling },
      { prompt: [], seed: 3, maxTokens: 12, modalities: ['text'], tokenSampling: { topP: 0.9 } },
    ];
  };

  test.each<readonly [string, readonly Modality[]]>([
    ['a discrete and a continuous modality', [notes, sketch]],
    ['a latent shape', [wide]],
    ['nothing', []],
  ])('%s can be added', async (_, added) => {
    const before = tf.memory().numTensors;
    const extended = await extendModel(directory, factories, added, { otherCodecs: true });
    const [old, grown] = [loaded.model, extended.model];
    expect(grown.vocabulary.entries.slice(0, old.vocabulary.entries.length)).toEqual(old.vocabulary.entries);
    const V = old.vocabulary.size;
    const D = transformer.modelDim;
    const { tokenEmbedding, lmHead, ...others } = extended.params;
    const kept = numbersOf(others);
    for (const [path, values] of Object.entries(numbersOf(loaded.params))) {
      if (/^(tokenEmbedding|lmHead)/.test(path)) continue;
      expect(kept[path], path).toEqual(values);
    }
    expect(tokenEmbedding.weight.shape).toEqual([grown.vocabulary.size, D]);
    tf.tidy(() => {
      const [rows, columns] = [
        tokenEmbedding.weight.slice([0, 0], [V, D]),
        lmHead.weight.slice([0, 0], [D, V]),
      ];
      expect(rows.dataSync()).toEqual(loaded.params.tokenEmbedding.weight.dataSync());
      expect(columns.dataSync()).toEqual(loaded.params.lmHead.weight.dataSync());
    });
    // A document that may have images may have one of the new shape.
    const isSame = (_: unknown, i: number): boolean => i !== FREE_IMAGES || !added.includes(wide);
    const generated = await generateDocuments(extended.engine, await requestsOf(extended));
    expect(generated.filter(isSame)).toEqual(documents.filter(isSame));
    extended.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('a recipe adds them in any order, and its run resumes', { timeout: 60_000 }, async () => {
    const modalities = createModalityRegistry(sketch, wide, notes, words);
    const more = defineRecipe({
      ...tiny,
      name: 'more',
      transformer,
      modalities,
      init: { from: directory, otherCodecs: true },
      totalSteps: 4,
    });
    const run = (own: string, options: Partial<RunOptions> = {}) =>
      runRecipe(more, { directory: own, ...options });
    const [whole, parts] = [newFolder(), newFolder()];
    const uninterrupted = await run(whole);
    disposeParams((await run(parts, { stopAt: 2 })).ema);
    const resumed = await run(parts);
    expect(numbersOf(resumed.ema)).toEqual(numbersOf(uninterrupted.ema));
    const { entries } = loaded.model.vocabulary;
    expect(resumed.model.vocabulary.entries.slice(0, entries.length)).toEqual(entries);
    disposeParams([uninterrupted.ema, resumed.ema]);
    const again = await loadModel(parts, factories);
    expect(again.model.modalities.modalities.map(({ name }) => name)).toEqual([
      'sketch',
      'image',
      'notes',
      'text',
    ]);
    again.dispose();
  });
});

test('new parts depend on the seed alone, not on the order', async () => {
  const directory = newFolder();
  disposeParams((await runRecipe(defineRecipe(tiny), { directory, stopAt: 1 })).ema);
  const extend = async (added: readonly Modality[], seed: number): Promise<Record<string, unknown>> => {
    const { params, dispose } = await extendModel(directory, factories, added, { seed });
    const numbers = numbersOf(params.adapters['sketch']);
    dispose();
    return numbers;
  };
  expect(await extend([notes, sketch], 1)).toEqual(await extend([sketch], 1));
  expect(await extend([sketch], 2)).not.toEqual(await extend([sketch], 1));
});

describe('refuses', () => {
  let directory: string;
  beforeAll(async () => {
    directory = newFolder();
    disposeParams((await runRecipe(defineRecipe(tiny), { directory, stopAt: 1 })).ema);
  });

  test.each<readonly [string, readonly Modality[], string]>([
    [
      'a modality without the latent shape that the model has',
      [image({ latentShapes: [[16, 16, 3]] })],
      'modalities.image.latentShapes.0 is [8,8,3] there, absent here',
    ],
    [
      'a modality of another kind',
      [text({ name: 'image' })],
      'modalities.image.kind is "continuous" there, "discrete" here',
    ],
    ['another tokenizer', [{ ...words, id: 'other' }], 'modalities.text.id is "bytes" there, "other" here'],
    [
      'a tokenizer of another size',
      [{ ...words, vocabSize: 300 }],
      "'text:tokens' has 300 ids, expected 256",
    ],
  ])('%s', async (_, added, message) => {
    const before = tf.memory().numTensors;
    const otherCodecs = true;
    await expect(extendModel(directory, factories, added, { otherCodecs })).rejects.toMatchObject({
      code: 'mismatch',
      message: expect.stringContaining(message) as string,
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  test('a tokenizer of another size in the folder of a run, naming it', async () => {
    const modalities = createModalityRegistry(
      { ...words, vocabSize: 300 },
      image({ latentShapes: [[8, 8, 3]] }),
    );
    const other = defineRecipe({ ...tiny, modalities });
    await expect(runRecipe(other, { directory })).rejects.toThrow(
      new RegExp(
        `^${directory}.* holds a different model than recipe 'tiny': .*300 ids.* Use another directory`,
      ),
    );
    const init = { from: directory };
    await expect(runRecipe({ ...other, init }, { directory: newFolder() })).rejects.toThrow(
      new RegExp(`^${directory}.* Start from a model with the same modalities, or fewer`),
    );
  });

  test('another codec, unless it is accepted', async () => {
    await expect(extendModel(directory, factories, [wide])).rejects.toThrow(
      'modalities.image.codec is "pixels 8x8x3" there, "pixels 8x16x3 8x8x3" here. A codec for other latent shapes has ' +
        'another id: if it is the same codec, set otherCodecs.',
    );
  });

  test('a recipe that leaves out a modality, or changes the transformer', async () => {
    const init = { from: directory };
    const fewer = defineRecipe({ ...tiny, modalities: createModalityRegistry(words, sketch), init });
    await expect(runRecipe(fewer, { directory: newFolder() })).rejects.toThrow(
      /holds a different model: modalities\.image is .* there, absent here/,
    );
    const deeper = defineRecipe({ ...tiny, transformer: { modelDim: 16, numLayers: 2, numHeads: 2 }, init });
    await expect(runRecipe(deeper, { directory: newFolder() })).rejects.toThrow(
      'holds a different model: transformer.numLayers is 1 there, 2 here',
    );
  });

  test('an adapter whose parameters depend on what was changed', async () => {
    const fine = image({ latentShapes: [[8, 8, 3]], patchSize: 2 });
    await expect(extendModel(directory, factories, [fine])).rejects.toThrow(/modalities\.image\.spanLengths/);
    const checkpoint = await findCheckpoint(directory);
    await expect(extendModel(checkpoint, factories, [{ ...fine, spanLength: () => 4 }])).rejects.toThrow(
      /'adapters\.image\..*' is float32 \[.*\], expected/,
    );
  });
});
