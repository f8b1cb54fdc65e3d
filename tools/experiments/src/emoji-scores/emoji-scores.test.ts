import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransfusion, transformerConfig } from '@transfusion/core';
import { flowEuler } from '@transfusion/diffusion';
import { selectEngine } from '@transfusion/engine';
import { createModalityRegistry } from '@transfusion/modality';
import { image, readImage, type RgbImage } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { createRng, disposeParams } from '@transfusion/nn';
import { describe, expect, test } from 'vitest';
import { captionScores } from './caption-scores.js';
import { contactSheet } from './contact-sheet.js';
import { editTasks } from './edit-tasks.js';
import { halfMask, knownPixelsPsnr } from './inpainting.js';
import { emojiTasks, scoreEmojiModel } from './score-emoji-model.js';
import { scoreRows } from './score-rows.js';

const gray = (value: number, side = 4): RgbImage => ({
  width: side,
  height: side,
  data: new Uint8Array(side * side * 3).fill(value),
});

describe('captionScores', () => {
  const expected = [
    { subject: 'red apple', style: 'noto', caption: 'red apple, noto' },
    { subject: 'family man, boy', style: 'fluent-3d', caption: 'family man, boy, fluent-3d' },
  ];

  test('are best for the captions of the set', () => {
    const scores = captionScores(
      expected.map(({ caption }) => caption),
      expected,
    );
    expect(scores).toMatchObject({ style: 1, subject: 1 });
    expect(scores.ciderD).toBeGreaterThan(5);
  });

  test('distinguish subject and style', () => {
    expect(captionScores(['red apple, twemoji', 'family man, fluent-3d'], expected)).toMatchObject({
      style: 0.5,
      subject: 0.5,
    });
    expect(captionScores(['', 'fluent-3d'], expected)).toMatchObject({ style: 0.5, subject: 0 });
  });
});

describe('inpainting', () => {
  test('masks cover each half in turn', () => {
    const masked = [0, 1, 2, 3].map((number) => [...halfMask(2, number).data]);
    expect(masked).toEqual([
      [255, 0, 255, 0],
      [255, 255, 0, 0],
      [0, 255, 0, 255],
      [0, 0, 255, 255],
    ]);
  });

  test('compares only what was known', () => {
    const mask = halfMask(4, 1);
    const changed = gray(50);
    changed.data.fill(60, 0, 24);
    expect(knownPixelsPsnr([changed], [gray(50)], [mask])).toBe(Infinity);
    changed.data.fill(60);
    expect(knownPixelsPsnr([changed], [gray(50)], [mask])).toBeCloseTo(28.13, 2);
    // Half of the known pixels are off by 10.
    expect(knownPixelsPsnr([changed, gray(50)], [gray(50), gray(50)], [mask, mask])).toBeCloseTo(31.14, 2);
  });
});

test('a contact sheet shows the images of each cell side by side, over its lines', async () => {
  const cells = [10, 20, 30].map((value) => ({
    images: [gray(value, 16), gray(200, 16)],
    lines: [`<${value}>\u001b`, 'second'],
  }));
  const { width, height, data } = await contactSheet(cells, 2);
  expect([width, height]).toEqual([2 * (128 + 8), 2 * (16 + 2 * 9 + 8)]);
  const at = (x: number, y: number): number => data[(y * width + x) * 3];
  expect([at(8, 8), at(24, 8), at(144, 8), at(8, 50), at(144, 50)]).toEqual([10, 200, 20, 30, 255]);
});

test('an edit goes from a training image to a validation image of the same subject', async () => {
  const tasks = await editTasks(5);
  expect(tasks).toHaveLength(5);
  for (const { source, target, instruction } of tasks) {
    expect(source.subject).toBe(target.subject);
    expect(source.style).not.toBe(target.style);
    expect(instruction).toBe(`draw this in the ${target.style} style`);
  }
});

test('a model that was not trained gets scores for each task', { timeout: 120_000 }, async () => {
  await selectEngine('onnxruntime');
  const model = createTransfusion({
    transformer: transformerConfig({ numLayers: 1, modelDim: 32, numHeads: 2, ffnDim: 32 }),
    modalities: createModalityRegistry(
      text(),
      image({ latentShapes: [[64, 64, 3]], patchSize: 8, diffusion: flowEuler() }),
    ),
  });
  const loaded = { model, params: model.init(createRng(1)), step: 0 };
  const folder = await mkdtemp(join(tmpdir(), 'emoji-scores-'));
  try {
    const scores = await scoreEmojiModel(loaded, {
      judge: async (images) => images.map(() => ({ style: 'noto', subjects: ['nothing'] })),
      tasks: emojiTasks,
      count: 3,
      settings: { numInferenceSteps: 2, guidanceScale: 2, seed: 0 },
      distance: async (images) => images.length,
      folder,
    });
    expect(scores['text-to-image']).toMatchObject({ frechet: 3, subjectTop1: 0, subjectTop5: 0 });
    expect(scores.captioning!.subject).toBe(0);
    // Pixels are their own codec.
    expect(scores.inpainting!.psnrToImage).toBeGreaterThan(50);
    expect(JSON.parse(await readFile(join(folder, 'scores.json'), 'utf8'))).toMatchObject({
      'text-to-image': scores['text-to-image'],
      editing: scores.editing,
    });
    const sheets = emojiTasks.map((task) => `${task}.png`);
    expect((await readdir(folder)).sort()).toEqual([...sheets, 'scores.json'].sort());
    expect((await readImage(join(folder, 'text-to-image.png'))).width).toBe(3 * (2 * 64 + 8));
    const shares = { style: 0.99, subjectTop1: 0.5, subjectTop5: 0.8 };
    const rows = scoreRows(scores, { real: shares, reconstructed: shares });
    expect(rows).toHaveLength(4 + 3 + 5 + 3);
    expect(rows[2]).toEqual({
      task: 'text-to-image',
      measure: 'subject of 5',
      value: '0.0 %',
      'real images': '80.0 %',
      reconstructions: '80.0 %',
    });
  } finally {
    await rm(folder, { recursive: true });
    disposeParams(loaded.params);
  }
});
