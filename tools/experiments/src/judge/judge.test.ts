import * as tf from '@transfusion/tfjs';
import { selectEngine } from '@transfusion/engine';
import type { RgbImage } from '@transfusion/modality-image';
import { adamW, createRng, disposeParams } from '@transfusion/nn';
import { createTrainStep } from '@transfusion/trainer';
import { beforeAll, describe, expect, test } from 'vitest';
import { classifierBatches, type ClassifierExample } from './classifier-batches.js';
import { classifierModel } from './classifier-model.js';
import { distortedPixels } from './distorted-pixels.js';
import { createJudge, type TrainedClassifier } from './judge.js';
import { judgedShares } from './judged-shares.js';
import { createClassifier } from './image-classifier.js';

const SIDE = 16;
const styles = ['striped', 'plain'];
const subjects = ['disc', 'bar', 'cross'];
const distortion = { tint: 0.15, softness: 0.5, noise: 0.08 };

const isInside = [
  (x: number, y: number): boolean => Math.hypot(x, y) < 6,
  (x: number, y: number): boolean => Math.abs(x) < 3 && Math.abs(y) < 6,
  (x: number, y: number): boolean => Math.min(Math.abs(x), Math.abs(y)) < 1.5,
];

function render(subject: number, style: number, shade: number): RgbImage {
  const data = new Uint8Array(SIDE * SIDE * 3).fill(255);
  for (let i = 0; i < SIDE * SIDE; i++) {
    const [x, y] = [(i % SIDE) - 7.5, Math.floor(i / SIDE) - 7.5];
    const isGap = style === 0 && Math.floor(i / SIDE) % 4 < 2;
    if (isInside[subject](x, y) && !isGap) data.fill(shade, i * 3, i * 3 + 3);
  }
  return { width: SIDE, height: SIDE, data };
}

const images = subjects.flatMap((_, subject) =>
  styles.flatMap((__, style) =>
    [0, 60].map((shade) => ({ image: render(subject, style, shade), subject, style })),
  ),
);
const examples: ClassifierExample[] = images.map(({ image, subject }) => ({ image, label: subject }));

beforeAll(async () => {
  await selectEngine('onnxruntime');
});

async function trained(
  names: readonly string[],
  examples: readonly ClassifierExample[],
): Promise<TrainedClassifier> {
  const stages = [
    { channels: 8, numBlocks: 0 },
    { channels: 16, numBlocks: 1 },
  ];
  const classifier = createClassifier({ stages, numClasses: names.length });
  const model = classifierModel(classifier);
  const trainStep = createTrainStep(model, { optimizer: adamW({ weightDecay: 0 }) });
  let state = trainStep.init(model.init(createRng(1)));
  const batches = classifierBatches(examples, { numImages: 12, seed: 2, halfSideSteps: 0, distortion });
  for (let step = 0; step < 150; step++) {
    const { batch } = (await batches.next()).value;
    const tensors = model.batchTensors(batch, model.lossCounts([batch]));
    const result = trainStep.run(state, [tensors], { learningRate: 1e-2, emaDecay: 0.8 });
    state = result.state;
    tf.dispose([tensors, result.report] as tf.TensorContainer);
  }
  trainStep.dispose();
  return { classifier, params: state.ema, names };
}

test('a tiny judge learns a tiny set', { timeout: 120_000 }, async () => {
  const style = await trained(
    styles,
    images.map(({ image, style }) => ({ image, label: style })),
  );
  const subject = await trained(subjects, examples);
  const judge = createJudge(style, subject);
  const unseen = subjects.flatMap((subject, i) =>
    styles.map((style, k) => ({ image: render(i, k, 30), subject, style })),
  );
  const judgments = await judge(unseen.map(({ image }) => image));
  expect(judgedShares(judgments, unseen)).toEqual({ style: 1, subjectTop1: 1, subjectTop5: 1 });
  expect(judgments[0].subjects.toSorted()).toEqual(subjects.toSorted());
  disposeParams([style.params, subject.params]);
});

describe('classifierModel', () => {
  test('takes the mean over the images of the whole step', () => {
    const classifier = createClassifier({ stages: [{ channels: 8, numBlocks: 0 }], numClasses: 3 });
    const batch = { images: new Float32Array(3 * 4 * 4 * 3), side: 4, labels: Int32Array.of(0, 1, 2) };
    const model = classifierModel(classifier);
    expect(model.lossCounts([batch, batch])).toEqual({ label: 6 });
    const params = model.init(createRng(1));
    const { loss, aux } = model.loss(params, model.batchTensors(batch, model.lossCounts([batch, batch])));
    // With a fresh head all classes are about equally likely.
    expect(aux.label.dataSync()[0]).toBeCloseTo(3 * Math.log(3), 0);
    expect(loss.dataSync()[0]).toBeCloseTo(aux.label.dataSync()[0] / 6, 5);
  });

  test('counts the operations of its convolutions and heads', () => {
    const stages = [
      { channels: 8, numBlocks: 1 },
      { channels: 16, numBlocks: 0 },
    ];
    const classifier = createClassifier({ stages, numClasses: 5 });
    const expected = 64 * 9 * (3 * 8 + 2 * 8 * 8) + 16 * 9 * 8 * 16 + 16 * 5;
    expect(classifier.flops(16)).toBe(2 * expected);
  });
});

describe('classifierBatches', () => {
  const options = { numImages: 5, seed: 3, halfSideSteps: 2, distortion };

  test('goes on from a cursor with the same batches', async () => {
    const batches = classifierBatches(examples, options);
    const entries = [];
    for (let i = 0; i < 4; i++) entries.push((await batches.next()).value);
    const resumed = classifierBatches(examples, options, entries[1].next);
    expect((await resumed.next()).value).toEqual(entries[2]);
    expect((await resumed.next()).value).toEqual(entries[3]);
    expect(entries.map(({ batch }) => batch.side)).toEqual([8, 8, 16, 16]);
    expect(entries.map(({ batch }) => batch.images.length)).toEqual([960, 960, 3840, 3840]);
  });

  test('shows each example once in an epoch', async () => {
    const numbered = images.map(({ image }, label) => ({ image, label }));
    const batches = classifierBatches(numbered, { ...options, numImages: numbered.length });
    const { batch } = (await batches.next()).value;
    expect(new Set(batch.labels)).toEqual(new Set(numbered.keys()));
  });
});

describe('distortedPixels', () => {
  const white = { width: SIDE, height: SIDE, data: new Uint8Array(SIDE * SIDE * 3).fill(255) };
  const seeds = Array.from({ length: 20 }, (_, seed) => seed);
  const meanOf = (values: Float32Array): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;

  test('leaves white white, but for noise', () => {
    for (const seed of seeds)
      expect(meanOf(distortedPixels(white, SIDE, createRng(seed), distortion))).toBeCloseTo(1, 1);
  });

  test('keeps about as much of an image, in either size', () => {
    const image = render(1, 1, 0);
    const expected = image.data.reduce((sum, value) => sum + value / 127.5 - 1, 0) / image.data.length;
    for (const side of [SIDE, SIDE / 2]) {
      const means = seeds.map((seed) => meanOf(distortedPixels(image, side, createRng(seed), distortion)));
      const mean = means.reduce((sum, value) => sum + value, 0) / means.length;
      expect(Math.abs(mean - expected)).toBeLessThan(0.15);
      expect(new Set(means).size).toBe(seeds.length);
    }
  });
});
