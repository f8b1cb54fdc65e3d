import { describe, expect, test } from 'vitest';
import { defineRecipe } from './define-recipe.js';
import type { RecipeOptions } from './recipe.js';
import { tinyRecipe } from './testing-internals/tiny-recipe.js';

/** The message for the tiny recipe with something else in it. */
function messageFor(changes: object): string {
  try {
    defineRecipe({ ...tinyRecipe(), ...changes } as RecipeOptions);
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
}

test('fills in defaults', () => {
  const { evaluation: _, samples: __, validation: ___, optimizer: ____, ...rest } = tinyRecipe();
  const recipe = defineRecipe({ ...rest, transformer: 'nano', totalSteps: 100_000 });
  expect(recipe.seed).toBe(0);
  expect(recipe.transformer).toMatchObject({ numLayers: 4, modelDim: 128, numKvHeads: 4 });
  expect(recipe.optimizer).toEqual({
    learningRate: 3e-4,
    finalLearningRate: 0.05 * 3e-4,
    warmupSteps: 4000,
    beta1: 0.9,
    beta2: 0.95,
    epsilon: 1e-8,
    weightDecay: 0.1,
    clipNorm: 1,
    emaDecay: 0.999,
  });
  expect(recipe).toMatchObject({ captionNoiseLimit: 0.5, strict: false, spanAttention: 'bidirectional' });
  expect(recipe.checkpoints).toEqual({ every: 500, keep: 3 });
  expect(recipe.batch.microBatches).toBe(1);
});

test('sets the span capacity to what rows can hold', () => {
  // Four positions a span and two markers each, between the row's first and last marker.
  expect(defineRecipe(tinyRecipe()).batch.spanCapacity).toEqual({ 'image:8x8x3': 2 * 5 });
});

test('uses defaults for undefined sizes', () => {
  const sizes = { modelDim: 16, numLayers: 1, numHeads: 2, ffnDim: undefined };
  expect(defineRecipe({ ...tinyRecipe(), transformer: sizes }).transformer.ffnDim).toBe(256);
});

describe('an issue names the path, what was found and what was expected', () => {
  test.each([
    [
      'a wrong type',
      { optimizer: { learningRate: 'fast' } },
      `recipe 'tiny': optimizer.learningRate is "fast", expected a positive number.`,
    ],
    [
      'a wrong range',
      { optimizer: { beta2: 1 } },
      "recipe 'tiny': optimizer.beta2 is 1, expected a number from 0 to less than 1.",
    ],
    [
      'not a number',
      { optimizer: { clipNorm: NaN } },
      "recipe 'tiny': optimizer.clipNorm is NaN, expected a positive number.",
    ],
    [
      'a missing field',
      { totalSteps: undefined },
      "recipe 'tiny': totalSteps is missing, expected a positive integer.",
    ],
    [
      'an unknown field',
      { totalStep: 4 },
      "recipe 'tiny': totalStep is not a field (did you mean totalSteps?).",
    ],
    [
      'an unknown field inside',
      { checkpoints: { evry: 4 } },
      "recipe 'tiny': checkpoints.evry is not a field (did you mean every?).",
    ],
    [
      'an unknown field like no other',
      { checkpoints: { frequency: 4 } },
      "recipe 'tiny': checkpoints.frequency is not a field (one of every, keep).",
    ],
    [
      'an unknown preset',
      { transformer: 'gigantic' },
      /^recipe 'tiny': transformer is "gigantic", expected a config, or one of nano, .*, 7b\.$/,
    ],
    [
      'sizes that do not fit',
      { transformer: { modelDim: 30, numLayers: 1, numHeads: 4 } },
      "recipe 'tiny': transformerConfig: modelDim is 30, expected an even multiple of numHeads (4).",
    ],
    [
      'no function',
      { sources: [] },
      "recipe 'tiny': sources is a list, expected a function that returns a list of sources.",
    ],
    [
      'no registry',
      { modalities: { text: true } },
      "recipe 'tiny': modalities is an object, expected a registry from createModalityRegistry.",
    ],
    [
      'an unknown span group',
      { batch: { numRows: 2, rowLength: 32, spanCapacity: { 'image:8x8': 4 } } },
      "recipe 'tiny': batch.spanCapacity.image:8x8 is not a span group (did you mean image:8x8x3?).",
    ],
    [
      'rows too short for a span',
      { batch: { numRows: 2, rowLength: 6 } },
      "recipe 'tiny': batch.rowLength is 6, expected at least 8: image:8x8x3 takes 4 positions and 4 markers.",
    ],
    [
      'too long a warm-up',
      { optimizer: { warmupSteps: 6 } },
      "recipe 'tiny': optimizer.warmupSteps is 6, expected less than totalSteps (6).",
    ],
    [
      'a rising learning rate',
      { optimizer: { learningRate: 1e-3, finalLearningRate: 1 } },
      "recipe 'tiny': optimizer.finalLearningRate is 1, expected at most learningRate (0.001).",
    ],
    [
      'nothing to evaluate with',
      { validation: undefined },
      "recipe 'tiny': evaluation requires validation, which is absent.",
    ],
    [
      'a sample of an unknown modality',
      { samples: { every: 1, requests: [{ prompt: [{ modality: 'sound', value: 1 }] }] } },
      `recipe 'tiny': samples.requests[0].prompt[0].modality is "sound", expected one of text, image.`,
    ],
    [
      'a sample that begins with what has no spans',
      { samples: { every: 1, requests: [{ prompt: [], firstSpan: { modality: 'text' } }] } },
      `recipe 'tiny': samples.requests[0].firstSpan.modality is "text", expected one of image.`,
    ],
    [
      'a sample of a latent shape that there is not',
      {
        samples: {
          every: 1,
          requests: [{ prompt: [], firstSpan: { modality: 'image', latentShape: [4, 4, 3] } }],
        },
      },
      `recipe 'tiny': samples.requests[0].firstSpan.latentShape is 4x4x3, expected one of 8x8x3.`,
    ],
    [
      'more steps than a sampler takes',
      { samples: { every: 1, requests: [{ prompt: [] }], numInferenceSteps: 2000 } },
      "recipe 'tiny': samples.numInferenceSteps is 2000, which the scheduler of 'image' does not support " +
        '(ddpm: numInferenceSteps is 2000, expected an integer from 1 to 1000).',
    ],
    [
      'no noise at all before captions',
      { captionNoiseLimit: 0 },
      "recipe 'tiny': captionNoiseLimit is 0, expected a number above 0, up to 1.",
    ],
  ])('%s', (_, changes, message) => {
    if (typeof message === 'string') expect(messageFor(changes)).toBe(message);
    else expect(messageFor(changes)).toMatch(message);
  });

  test('reports all issues at once', () => {
    expect(messageFor({ seed: -1, batch: { numRows: 0, rowLength: 32 } })).toBe(
      [
        "recipe 'tiny':",
        'seed is -1, expected a non-negative integer',
        'batch.numRows is 0, expected a positive integer',
      ].join('\n  '),
    );
  });

  test('without a recipe', () => {
    expect(() => defineRecipe(undefined as unknown as RecipeOptions)).toThrow(
      'recipe: it is missing, expected an object.',
    );
  });
});
