/** Time and memory of a Fréchet distance, and images per second through a feature network of InceptionV3's size. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnxFeatureExtractor } from '@transfusion/evaluators';
import { exportInception } from '@transfusion/experiments/inception';
import type { RgbImage } from '@transfusion/modality-image';
import type { MeasureGroup } from '../measure.js';
import { sampled } from './rate-groups.js';
import { runInChild } from './run-in-child.js';

/** Sizes of both sets of features. */
export interface DistanceJob {
  readonly count: number;
  readonly length: number;
}

/** Result of the child process. */
export interface DistanceResult {
  readonly statisticsSeconds: number;
  readonly distanceSeconds: number;
  readonly peakBytes: number;
  readonly distance: number;
}

const GIGABYTE = 1e9;
const BATCH = 8;

export async function measureDistance(job: DistanceJob): Promise<MeasureGroup> {
  const { statisticsSeconds, distanceSeconds, peakBytes } = await runInChild<DistanceResult>(
    'distance-in-child.ts',
    job,
  );
  const size = `${job.count.toLocaleString('en')} x ${job.length.toLocaleString('en')} features`;
  return {
    title: 'Fréchet distance (FID)',
    measures: [
      {
        name: 'fid.seconds',
        label: `of ${size}`,
        value: statisticsSeconds + distanceSeconds,
        unit: 's',
        floor: { below: 60 },
        note: `${statisticsSeconds.toFixed(1)} s of it for the statistics of both sets`,
      },
      {
        name: 'fid.memory',
        label: 'peak memory',
        value: peakBytes / GIGABYTE,
        unit: 'GB',
        floor: { below: 2 },
      },
    ],
  };
}

/** @param numImages images of each sample; the backend must be `onnxruntime` */
export async function measureFeatures(numImages: number, samples: number): Promise<MeasureGroup> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-features-'));
  try {
    const path = join(folder, 'inception.onnx');
    await exportInception(path, BATCH);
    const extractor = await onnxFeatureExtractor({
      path,
      input: { layout: 'NHWC', mean: [0, 0, 0], std: [1, 1, 1] },
    });
    const images = Array.from({ length: numImages }, (_, i) => madeImage(i));
    await extractor.extract(images.slice(0, BATCH));
    const rates: number[] = [];
    for (let i = 0; i < samples; i++) {
      const begun = performance.now();
      await extractor.extract(images);
      rates.push((numImages / (performance.now() - begun)) * 1000);
    }
    extractor.dispose();
    const rate = sampled('fid.features', 'FID features of InceptionV3', rates, 'images/s');
    const note = `64 x 64 pixels, resized to 299 x 299; ${samples} samples of ${numImages}`;
    return { title: 'Feature network', measures: [{ ...rate, floor: { atLeast: 25 }, note }] };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function madeImage(index: number): RgbImage {
  const data = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * (index + 3)) % 251);
  return { width: 64, height: 64, data };
}
