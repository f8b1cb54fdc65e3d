import * as tf from '@tensorflow/tfjs';
import type { RgbImage } from '@transfusion/modality-image';
import { adamW, createRng, disposeParams } from '@transfusion/nn';
import { selectEngine } from '@transfusion/tfjs-backend-onnxruntime';
import { createTrainStep } from '@transfusion/trainer';
import { beforeAll, describe, expect, test } from 'vitest';
import { distortedPixels } from './distorted-pixels.js';
import { judgeBatches, type JudgeExample } from './judge-batches.js';
import { judgeModel } from './judge-model.js';
import { createJudgeNetwork } from './judge-network.js';
import { createJudge } from './judge.js';
import { judgedShares } from './judged-shares.js';

const SIDE = 16;
const classes = { styles: ['striped', 'plain'], subjects: ['disc', 'bar', 'cross'] };

const isInside = [
  (x: number, y: number): boolean => Math.hypot(x, y) < 6,
  (x: number, y: number): boolean => Math.abs(x) < 3 && Math.abs(y) < 6,
  (x: number, y: number): boolean => Math.min(Math.abs(x), Math.abs(y)) < 1.5,
];

function draw(subject: number, style: number, shade: number): RgbImage {
  const data = new Uint8Array(SIDE * SIDE * 3).fill(255);
  for (let i = 0; i < SIDE * SIDE; i++) {
    const [x, y] = [(i % SIDE) - 7.5, Math.floor(i / SIDE) - 7.5];
    const isGap = style === 0 && Math.floor(i / SIDE) % 4 < 2;
    if (isInside[subject](x, y) && !isGap) data.fill(shade, i * 3, i * 3 + 3);
  }
  return { width: SIDE, height: SIDE, data };
}

const examples = classes.subjects.flatMap((_, subject) =>
  classes.styles.flatMap((_, style) =>
    [0, 60].map((shade): JudgeExample => ({ image: draw(subject, style, shade), subject, style })),
  ),
);

beforeAll(async () => {
  await selectEngine('onnxruntime');
});

test('a tiny judge learns a tiny set', { timeout: 120_000 }, async () => {
  const stages = [
    { channels: 8, numBlocks: 0 },
    { channels: 16, numBlocks: 1 },
  ];
  const network = createJudgeNetwork({ stages, numStyles: 2, numSubjects: 3 });
  const model = judgeModel(network);
  const trainStep = createTrainStep(model, { optimizer: adamW({ weightDecay: 0 }) });
  let state = trainStep.init(model.init(createRng(1)));
  // One picture's artist is not to be told.
  const unknown = { ...examples[0], style: -1 };
  const batches = judgeBatches([...examples, unknown], { numImages: 13, seed: 2, halfSideSteps: 0 });
  for (let step = 0; step < 150; step++) {
    const { batch } = (await batches.next()).value;
    const tensors = model.batchTensors(batch, model.lossCounts([batch]));
    const result = trainStep.run(state, [tensors], { learningRate: 1e-2, emaDecay: 0.8 });
    state = result.state;
    tf.dispose([tensors, result.report] as tf.TensorContainer);
  }
  trainStep.dispose();
  const judge = createJudge(network, state.ema, classes);
  const unseen = classes.subjects.flatMap((subject, i) =>
    classes.styles.map((style, k) => ({ image: draw(i, k, 30), subject, style })),
  );
  const shares = judgedShares(await judge(unseen.map(({ image }) => image)), unseen);
  expect(shares).toEqual({ style: 1, subjectTop1: 1, subjectTop5: 1 });
  disposeParams(state);
});

describe('judgeModel', () => {
  test('counts pictures, and only styles that are to be told', () => {
    const network = createJudgeNetwork({
      stages: [{ channels: 8, numBlocks: 0 }],
      numStyles: 2,
      numSubjects: 3,
    });
    const batch = {
      images: new Float32Array(3 * 4 * 4 * 3),
      side: 4,
      styles: Int32Array.of(0, -1, 1),
      subjects: Int32Array.of(0, 1, 2),
    };
    const model = judgeModel(network);
    expect(model.lossCounts([batch, batch])).toEqual({ subject: 6, style: 4 });
    const params = model.init(createRng(1));
    const { aux } = model.loss(params, model.batchTensors(batch, model.lossCounts([batch])));
    // Fresh heads take all classes for nearly as likely.
    expect(aux.subject.dataSync()[0]).toBeCloseTo(3 * Math.log(3), 0);
    expect(aux.style.dataSync()[0]).toBeCloseTo(2 * Math.log(2), 0);
  });

  test('counts the operations of its convolutions and heads', () => {
    const stages = [
      { channels: 8, numBlocks: 1 },
      { channels: 16, numBlocks: 0 },
    ];
    const network = createJudgeNetwork({ stages, numStyles: 2, numSubjects: 3 });
    const expected = 64 * 9 * (3 * 8 + 2 * 8 * 8) + 16 * 9 * 8 * 16 + 16 * 5;
    expect(network.flops(16)).toBe(2 * expected);
  });
});

describe('judgeBatches', () => {
  const options = { numImages: 5, seed: 3, halfSideSteps: 2 };

  test('goes on from a cursor with the same batches', async () => {
    const batches = judgeBatches(examples, options);
    const entries = [];
    for (let i = 0; i < 4; i++) entries.push((await batches.next()).value);
    const resumed = judgeBatches(examples, options, entries[1].next);
    expect((await resumed.next()).value).toEqual(entries[2]);
    expect((await resumed.next()).value).toEqual(entries[3]);
    expect(entries.map(({ batch }) => batch.side)).toEqual([8, 8, 16, 16]);
    expect(entries.map(({ batch }) => batch.images.length)).toEqual([960, 960, 3840, 3840]);
  });

  test('shows each example once in an epoch', async () => {
    const batches = judgeBatches(examples, { ...options, numImages: examples.length });
    const { batch } = (await batches.next()).value;
    const seen = Array.from(batch.subjects, (subject, i) => `${subject} ${batch.styles[i]}`).sort();
    expect(seen).toEqual(examples.map(({ subject, style }) => `${subject} ${style}`).sort());
  });
});

describe('distortedPixels', () => {
  const white = { width: SIDE, height: SIDE, data: new Uint8Array(SIDE * SIDE * 3).fill(255) };
  const seeds = Array.from({ length: 20 }, (_, seed) => seed);
  const meanOf = (values: Float32Array): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;

  test('leaves white white, but for noise', () => {
    for (const seed of seeds) expect(meanOf(distortedPixels(white, SIDE, createRng(seed)))).toBeCloseTo(1, 1);
  });

  test('keeps about as much of a picture, in either size', () => {
    const picture = draw(1, 1, 0);
    const expected = picture.data.reduce((sum, value) => sum + value / 127.5 - 1, 0) / picture.data.length;
    for (const side of [SIDE, SIDE / 2]) {
      const means = seeds.map((seed) => meanOf(distortedPixels(picture, side, createRng(seed))));
      const mean = means.reduce((sum, value) => sum + value, 0) / means.length;
      expect(Math.abs(mean - expected)).toBeLessThan(0.15);
      expect(new Set(means).size).toBe(seeds.length);
    }
  });
});
