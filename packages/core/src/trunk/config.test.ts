import { expect, it } from 'vitest';
import { llamaFfnDim, transformerConfig, type TransformerOptions } from './config.js';
import { transformerPreset, transformerPresetNames } from './presets.js';

const sizes = { numLayers: 2, modelDim: 64, numHeads: 4 };

it('fills in what Llama has', () => {
  expect(transformerConfig(sizes)).toEqual({
    ...sizes,
    numKvHeads: 4,
    ffnDim: 256,
    ropeTheta: 10_000,
    rmsNormEpsilon: 1e-5,
    qkNorm: false,
    weights: 'shared',
  });
  expect([768, 2048, 4096].map(llamaFfnDim)).toEqual([2048, 5632, 11008]);
});

it('every preset is a configuration, and they grow', () => {
  const widths = transformerPresetNames.map((name) => transformerPreset(name).modelDim);
  expect(widths).toEqual([...widths].sort((a, b) => a - b));
});

it.each([
  ['nanno', "Did you mean 'nano'?"],
  ['toString', "unknown name 'toString', expected one of nano, micro, 11m"],
])('refuses the preset %s', (name, message) => {
  expect(() => transformerPreset(name as 'nano')).toThrow(message);
});

it.each<[Partial<TransformerOptions>, string]>([
  [{ numLayers: 0 }, 'numLayers is 0, expected a positive integer'],
  [{ ffnDim: 1.5 }, 'ffnDim is 1.5, expected a positive integer'],
  [{ modelDim: 60 }, 'modelDim is 60, expected an even multiple of numHeads (4)'],
  [{ numKvHeads: 3 }, 'numHeads is 4, expected a multiple of numKvHeads (3)'],
  [{ ropeTheta: -1 }, 'ropeTheta is -1, expected a number above 0'],
  [{ rmsNormEpsilon: NaN }, 'rmsNormEpsilon is NaN, expected a number above 0'],
  [{ weights: 'separate' as 'shared' }, "weights is 'separate', expected 'shared' or 'per-modality'"],
])('refuses %j', (changes, message) => {
  expect(() => transformerConfig({ ...sizes, ...changes })).toThrow(`transformerConfig: ${message}.`);
});
