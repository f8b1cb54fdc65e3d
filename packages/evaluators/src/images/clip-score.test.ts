import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RgbImage } from '@transfusion/modality-image';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runEvaluator } from '../contract/run-evaluator.js';
import golden from '../golden/clip-scores.json' with { type: 'json' };
import { readClipTokenizer } from './clip-files.js';
import { openClip, type Clip } from './clip-network.js';
import { clipScore } from './clip-score.js';

const folder = fileURLToPath(new URL('../golden/clip', import.meta.url));
const jointModel = fileURLToPath(new URL('../golden/clip-joint/model.onnx', import.meta.url));
const read = ({ base64, ...size }: (typeof golden)[number]['image']): RgbImage => ({
  ...size,
  data: Uint8Array.from(Buffer.from(base64, 'base64')),
});

let temporary: string;
let joint: string;
let clip: Clip;
beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'clip-'));
  joint = await copy('joint', async (to) => {
    await rm(join(to, 'onnx'), { recursive: true });
    await cp(jointModel, join(to, 'model.onnx'));
  });
  clip = await openClip(folder);
});
afterAll(async () => {
  clip.dispose();
  await rm(temporary, { recursive: true });
});

async function copy(name: string, change: (folder: string) => Promise<void>): Promise<string> {
  const to = join(temporary, name);
  await cp(folder, to, { recursive: true });
  await change(to);
  return to;
}

const withJson = (name: string, file: string, change: (json: Record<string, unknown>) => object) =>
  copy(name, async (to) => {
    const path = join(to, file);
    await writeFile(path, JSON.stringify(change(JSON.parse(await readFile(path, 'utf8')))));
  });

test.each(golden)('$caption: ids and similarity are those of transformers', async (expected) => {
  const encode = await readClipTokenizer(folder);
  expect(encode(expected.caption)).toEqual(expected.ids);
  expect(await clip.similarity(read(expected.image), expected.caption)).toBeCloseTo(expected.similarity, 6);
});

test('one file of both networks has the same similarities', async () => {
  const whole = await openClip(joint);
  for (const { image, caption, similarity } of golden) {
    expect(await whole.similarity(read(image), caption)).toBeCloseTo(similarity, 6);
  }
  expect(Object.keys(whole.provenance)).toEqual(['clip', 'modelSha256']);
  whole.dispose();
});

test('scores generated images', async () => {
  const examples = golden.map(({ caption }) => ({ prompt: [{ modality: 'text', value: caption }], caption }));
  const evaluator = clipScore({ clip, examples: () => examples });
  const {
    metrics,
    provenance,
    examples: results,
  } = await runEvaluator(
    evaluator as never,
    {
      generate: async function* (tasks) {
        for await (const { seed } of tasks) yield read(golden[seed].image);
      },
    },
    { subject: 'golden' },
  );
  const positive = golden.map(({ similarity }) => Math.max(0, similarity));
  const mean = positive.reduce((sum, value) => sum + value, 0) / golden.length;
  expect(positive).toContain(0);
  expect(metrics.map(({ count }) => count)).toEqual([5, 5]);
  expect(metrics[0].name).toBe('CLIP score, 100 max(cos, 0)');
  expect(metrics[0].value).toBeCloseTo(100 * mean, 4);
  expect(metrics[0].interval![0]).toBeLessThan(100 * mean);
  expect(metrics[1].name).toBe('CLIP score of Hessel et al., 2.5 max(cos, 0)');
  expect(metrics[1].value).toBeCloseTo(2.5 * mean, 5);
  expect(results[0].result['similarity']).toBeLessThan(0);
  expect(provenance).toMatchObject({
    clip: 'clip',
    vision_modelSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

describe('refuses', () => {
  test('an empty caption, and what is not an image', async () => {
    const run = (caption: string) =>
      runEvaluator(
        clipScore({ clip, examples: () => [{ prompt: [], caption }] }) as never,
        {
          generate: async function* (tasks) {
            for await (const { seed } of tasks) yield seed;
          },
        },
        { subject: 's' },
      );
    await expect(run(' ')).rejects.toThrow('clip-score: the caption of example 0 is empty');
    await expect(run('a star')).rejects.toThrow('clip-score: image 0 is not an RgbImage');
  });

  test('folders without the files', async () => {
    await expect(openClip(join(temporary, 'missing'))).rejects.toThrow(
      'preprocessor_config.json: cannot be read',
    );
    const noNetworks = await copy('no-networks', (to) => rm(join(to, 'onnx'), { recursive: true }));
    await expect(openClip(noNetworks)).rejects.toThrow('found no networks, expected onnx/vision_model.onnx');
    const noTokenizer = await copy('no-tokenizer', (to) => rm(join(to, 'tokenizer.json')));
    await expect(openClip(noTokenizer)).rejects.toThrow('tokenizer.json: cannot be read (ENOENT)');
  });

  test('networks that are in the wrong place', async () => {
    const swapped = await copy('swapped', (to) =>
      cp(join(to, 'onnx', 'text_model.onnx'), join(to, 'onnx', 'vision_model.onnx')),
    );
    await expect(openClip(swapped)).rejects.toThrow("has the inputs 'input_ids', expected 'pixel_values'");
  });

  test.each([
    ['resample', 0, 'resample is 0, expected 3 (bicubic)'],
    ['crop_size', 20, 'crop_size is 20 × 20, expected at most size (16)'],
    ['image_mean', [0.5], 'image_mean and image_std are not three numbers each'],
    ['crop_size', undefined, 'found no crop_size and no size'],
  ])('a preprocessor with %s = %j', async (field, value, message) => {
    const changed = await withJson(`${field}-${value}`, 'preprocessor_config.json', (json) => ({
      ...json,
      [field]: value,
    }));
    await expect(openClip(changed)).rejects.toThrow(message);
  });

  test('files that are not JSON, or no tokenizer', async () => {
    const broken = await copy('broken', (to) => writeFile(join(to, 'tokenizer.json'), '{'));
    await expect(openClip(broken)).rejects.toThrow('tokenizer.json: is not JSON');
    const other = await withJson('other', 'tokenizer.json', () => ({ model: { type: 'none' } }));
    await expect(openClip(other)).rejects.toThrow('tokenizer.json: cannot be loaded');
  });
});
