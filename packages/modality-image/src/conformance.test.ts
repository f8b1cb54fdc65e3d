import * as tf from '@tensorflow/tfjs';
import '@transfusion/tfjs-backend-onnxruntime';
import { beforeAll, describe, it } from 'vitest';
import { continuousModalityChecks } from '@transfusion/modality/testing';
import { createRng } from '@transfusion/nn';
import { image } from './image-modality.js';
import type { RgbImage } from './rgb-image.js';

const noise = (width: number, height: number): RgbImage => {
  const values = createRng(width).uniforms(width * height * 3);
  return { width, height, data: Uint8Array.from(values, (value) => value * 256) };
};

const modality = image({
  latentShapes: [
    [8, 8, 3],
    [4, 12, 3],
  ],
  patchSize: 2,
  positionEmbedding: 'axial',
});
const checks = continuousModalityChecks(modality, {
  values: [noise(8, 8), noise(12, 4)],
  distance: ({ data }, decoded) => Math.max(...data.map((value, i) => Math.abs(value - decoded.data[i]))),
  tolerance: 0,
  foreignValues: ['a picture', { width: 1, height: 1, data: new Uint8Array(4) }],
});

describe.each(['cpu', 'onnxruntime'])('on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });
  it.each(checks.map(({ name, run }) => [name, run] as const))('%s', (_, run) => run());
});
