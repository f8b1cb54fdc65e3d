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
  });
  const { noiseSchedule } = info!;
  expect(noiseSchedule).toHaveLength(50);
  expect(noiseSchedule[0][0]).toBe(980);
  expect(noiseSchedule[0][1]).toBeGreaterThan(0.99);
  expect(noiseSchedule.at(-1)![1]).toBeLessThan(0.2);
});

it('is undefined for a model of tokens', () => {
  expect(denoisingInfo(createModalityRegistry(text()))).toBeUndefined();
});
