import { ddpm, velocity } from '@transfusion/diffusion';
import { createModalityRegistry, createVocabulary } from '@transfusion/modality';
import { createRng } from '@transfusion/nn';
import { expect, it } from 'vitest';
import { strip, text, toyShape, packed, sequencesOf } from '../testing-internals/toy-documents.js';
import { letters, strips } from '../testing-internals/toy-modalities.js';
import { layoutDocument } from './layout.js';
import { sampleNoise, type NoiseOptions } from './training-sequence.js';

const registry = createModalityRegistry(letters('text'), strips('strip', ddpm()));
const vocabulary = createVocabulary(registry);
const latent = strip([1, 2, 3, 4]);

function timesteps(segments: Parameters<typeof layoutDocument>[2], options?: NoiseOptions): number[] {
  const layout = layoutDocument(registry, vocabulary, segments);
  return Array.from(
    { length: 300 },
    (_, seed) => sampleNoise(registry, layout, createRng(seed), options).noiseSamples[0].timestep,
  );
}

it('limits the noise of a span that precedes its caption', () => {
  const imageFirst = timesteps([latent, text('ab')]);
  expect(Math.max(...imageFirst)).toBeLessThanOrEqual(500);
  expect(Math.max(...imageFirst)).toBeGreaterThan(450);
  expect(Math.max(...timesteps([latent, text('ab')], { captionNoiseLimit: 0.25 }))).toBeLessThanOrEqual(250);
  expect(Math.max(...timesteps([latent, text('ab')], { captionNoiseLimit: 1 }))).toBeGreaterThan(900);
  expect(Math.max(...timesteps([text('ab'), latent]))).toBeGreaterThan(900);
  expect(Math.max(...timesteps([latent]))).toBeGreaterThan(900);
});

it('refuses a limit that leaves nothing, or more than there is', () => {
  expect(() => timesteps([latent, text('ab')], { captionNoiseLimit: 0 })).toThrow('maxTimestep is 0');
  expect(() => timesteps([latent, text('ab')], { captionNoiseLimit: 2 })).toThrow('maxTimestep is 2000');
});

it('samples as many normal numbers as the latent has, and the weight of the timestep', () => {
  const weighted = createModalityRegistry(
    letters('text'),
    strips('strip', ddpm({ predictionType: 'sample', lossWeighting: velocity() })),
  );
  const layout = layoutDocument(weighted, vocabulary, [latent, text('a'), strip([1, 2, 3, 4, 5, 6])]);
  const { noiseSamples } = sampleNoise(weighted, layout, createRng(1));
  expect(noiseSamples.map(({ noise }) => noise.length)).toEqual([4, 6]);
  const { diffusion } = weighted.get('strip');
  for (const { timestep, weight } of noiseSamples) {
    expect(weight).toBe(diffusion.lossWeights(Float32Array.of(timestep))[0]);
  }
  expect(noiseSamples[0].noise).not.toEqual(noiseSamples[1].noise.subarray(0, 4));
});

it('samples the same for a document wherever it is packed', () => {
  const documents = [
    [text('abc'), strip([1, 2, 3, 4])],
    [strip([4, 3, 2, 1]), text('d')],
  ];
  const sequences = sequencesOf(documents);
  const noiseIn = (numRows: number, order: number[]): Float32Array[] => {
    const { groups } = packed(
      toyShape(numRows, 20, 2),
      order.map((i) => sequencesOf(documents)[i]),
    );
    const group = groups.find(({ key }) => key === 'strip:4')!;
    return order.map((_, n) => group.noise.slice(4 * n, 4 * n + 4));
  };
  const [first, second] = sequences.map(({ noiseSamples }) => noiseSamples[0].noise);
  expect(noiseIn(1, [0, 1])).toEqual([first, second]);
  expect(noiseIn(2, [1, 0])).toEqual([second, first]);
});
