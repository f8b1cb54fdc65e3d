import { ddpm } from '@transfusion/diffusion';
import { createModalityRegistry } from '@transfusion/modality';
import { image } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { expect, it } from 'vitest';
import { denoisingInfo } from './denoising-info.js';

it('describes the samplers and the noise of a model', () => {
  const images = image({ latentShapes: [[8, 8, 3]], patchSize: 2, diffusion: ddpm() });
  const info = denoisingInfo(createModalityRegistry(text(), images));
  expect(info).toMatchObject({
    scheduler: 'ddpm',
    schedulers: ['ddpm', 'ddim', 'dpm-solver++'],
    numInferenceSteps: 50,
    guidanceScale: 3,
    numTrainTimesteps: 1000,
  });
  const { noiseScales } = info!;
  expect(noiseScales).toEqual(noiseScales.toSorted((a, b) => a - b));
  expect(noiseScales[0]).toBeLessThan(0.1);
  expect(noiseScales.at(-1)).toBeGreaterThan(0.99);
});

it('is undefined for a model of tokens', () => {
  expect(denoisingInfo(createModalityRegistry(text()))).toBeUndefined();
});
