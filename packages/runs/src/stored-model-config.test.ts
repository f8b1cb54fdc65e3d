import { createModel } from './create-model.js';
import { defineRecipe } from './define-recipe.js';
import { modelDifference, storedModelConfig } from './stored-model-config.js';
import { tinyRecipe } from './testing-internals/tiny-recipe.js';
import { expect, test } from 'vitest';

const { config } = createModel(defineRecipe(tinyRecipe()));
const path = 'runs/mine/checkpoints/step-00000001';

/** The config with a change, as JSON reads it. */
function changed(change: (copy: Record<string, never>) => void): unknown {
  const copy = JSON.parse(JSON.stringify(config)) as Record<string, never>;
  change(copy);
  return copy;
}

test('reads the config written by a model', () => {
  expect(storedModelConfig({ path, model: changed(() => undefined) })).toEqual(config);
});

test.each([
  ['no model', null, 'model is null, expected'],
  [
    'no vocabulary',
    changed((c) => delete c['vocabulary']),
    'model.vocabulary is missing, expected a list of entries',
  ],
  [
    'a begin marker without its shape',
    changed((c) => {
      const entries = c['vocabulary'] as { kind: string; latentShape?: unknown }[];
      delete entries.find(({ kind }) => kind === 'begin')!.latentShape;
    }),
    /model\.vocabulary\.\d\.latentShape is missing, expected a list of lengths/,
  ],
  [
    'a width that is not a number',
    changed((c) => Object.assign(c['transformer'], { modelDim: 'wide' })),
    'model.transformer.modelDim is "wide", expected a positive integer',
  ],
  [
    'a modality of no kind',
    changed((c) => Object.assign(c['modalities'][0], { kind: 'fluid' })),
    /model\.modalities\.0(\.kind)? is .*, expected a modality of the kind 'discrete' or 'continuous'/,
  ],
])('names file and field for %s', (_, model, message) => {
  expect(() => storedModelConfig({ path, model })).toThrow(message);
  expect(() => storedModelConfig({ path, model })).toThrow(`${path}/checkpoint.json: `);
});

test('finds differences that parameters depend on, and no others', () => {
  expect(modelDifference(config, config, false)).toBeUndefined();
  const [words, images] = config.modalities;
  const other = { ...config, modalities: [{ ...words, config: null }, images] };
  expect(modelDifference(config, other, false)).toBeUndefined();
  const identity = { ...images.identity, codec: 'another' };
  const otherCodec = { ...config, modalities: [words, { ...images, identity } as typeof images] };
  expect(modelDifference(config, otherCodec, false)).toMatch(
    /modalities\.image\.codec is .* there, "another" here/,
  );
  expect(modelDifference(config, otherCodec, true)).toBeUndefined();
});
