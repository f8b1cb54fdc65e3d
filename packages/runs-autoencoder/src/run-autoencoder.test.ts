import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDocumentStream, type DocumentSource } from '@transfusion/data';
import { selectEngine } from '@transfusion/engine';
import {
  autoencoderCodec,
  measureCodeUsage,
  readAutoencoder,
  readImage,
  readVqAutoencoder,
  type RgbImage,
  type TrainedAutoencoder,
} from '@transfusion/modality-image';
import { createRng, disposeParams } from '@transfusion/nn';
import { readMetrics } from '@transfusion/trainer';
import { beforeAll, expect, test, vi } from 'vitest';
import { defineAutoencoderRecipe, type AutoencoderRecipeOptions } from './autoencoder-recipe.js';
import { streamImageBatches } from './image-batches.js';
import { runAutoencoder } from './run-autoencoder.js';
import type { AutoencoderRunEvent } from './run-event.js';

beforeAll(async () => {
  await selectEngine('onnxruntime');
});

/** Discs of many colors and sizes; one record in eight has no image. */
const discs: DocumentSource = {
  name: 'discs',
  length: 64,
  locate: (index) => `disc ${index}`,
  read: async (index) => {
    const rng = createRng(index);
    const [color, radius] = [rng.uniforms(3), 3 + rng.uniform() * 4];
    const data = new Uint8Array(16 * 16 * 3).fill(255);
    for (let i = 0; i < 256; i++) {
      const isInside = Math.hypot((i % 16) - 7.5, Math.floor(i / 16) - 7.5) < radius;
      if (isInside)
        data.set(
          color.map((value) => value * 255),
          i * 3,
        );
    }
    const image = { modality: 'image', value: { width: 16, height: 16, data } };
    return { segments: index % 8 === 7 ? [{ modality: 'text', value: 'no image' }] : [image] };
  },
};

const tiny: AutoencoderRecipeOptions = {
  name: 'tiny',
  autoencoder: { channels: [8, 16], latentChannels: 4, numBlocks: 1 },
  imageSize: [16, 16],
  sources: () => [{ source: discs }],
  validation: () => [{ source: discs }],
  batch: { numImages: 8 },
  augment: true,
  optimizer: { learningRate: 5e-3, warmupSteps: 5, weightDecay: 0, emaDecay: 0.9 },
  totalSteps: 60,
  checkpoints: { every: 20 },
  evaluation: { every: 30, numImages: 16 },
};

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'autoencoder-'));

test('trains, reconstructs, and writes a codec that reconstructs images', { timeout: 180_000 }, async () => {
  const directory = await newFolder();
  const events: AutoencoderRunEvent[] = [];
  const skipped: string[] = [];
  const losses: number[] = [];
  const [sources, validation] = [vi.fn(tiny.sources), vi.fn(tiny.validation)];
  const result = await runAutoencoder(defineAutoencoderRecipe({ ...tiny, sources, validation }), {
    directory,
    onEvent: (event) => events.push(event),
    onSkip: ({ location }) => skipped.push(location),
    onStep: ({ parts }) => losses.push(parts.l1),
  });
  disposeParams(result.ema);
  for (const open of [sources, validation]) expect(open).toHaveBeenCalledOnce();
  expect(losses.at(-1)).toBeLessThan(losses[0] / 3);
  expect(new Set(skipped).size).toBe(8);
  const similar = events.map((event) => (event.type === 'reconstructions' ? event.scores.ssim : 0));
  expect(similar.at(-1)).toBeGreaterThan(0.3);
  const scores = events.flatMap((event) => (event.type === 'reconstructions' ? [event.scores.psnr] : []));
  expect(scores[1]).toBeGreaterThan(scores[0]);
  const logged = (await readMetrics(join(directory, 'metrics.jsonl'))).filter(
    (line) => 'validation/psnr' in line,
  );
  expect(logged.map((line) => line['validation/psnr'])).toEqual(scores);
  const images = (await readdir(join(directory, 'reconstructions'))).sort();
  expect(images).toEqual(['step-00000030.png', 'step-00000060.png']);
  expect((await readImage(join(directory, 'reconstructions', images[0]))).width).toBeGreaterThan(16);

  const trained = await readAutoencoder(result.autoencoderPath!);
  const untrained = { ...trained, params: trained.autoencoder.init(createRng(1)) };
  expect(await previewError(trained)).toBeLessThan(0.25); // measured: 0.12
  const [error, chance] = [await roundTripError(trained), await roundTripError(untrained)];
  expect(error).toBeLessThan(chance / 2);
  disposeParams([trained.params, untrained.params]);
});

test(
  'trains one with a codebook, and leaves one of which most entries are used',
  { timeout: 180_000 },
  async () => {
    const recipe = defineAutoencoderRecipe({
      ...tiny,
      autoencoder: { ...tiny.autoencoder, codebookSize: 32 },
      totalSteps: 120,
    });
    const run = async (stops: readonly number[]) => {
      const directory = await newFolder();
      const events: AutoencoderRunEvent[] = [];
      let folder: string | undefined;
      for (const stopAt of stops) {
        const result = await runAutoencoder(recipe, {
          directory,
          stopAt,
          onEvent: (event) => events.push(event),
        });
        disposeParams(result.ema);
        folder = result.autoencoderPath;
      }
      const scores = events.flatMap((event) => (event.type === 'reconstructions' ? [event.scores.psnr] : []));
      return { scores, trained: await readVqAutoencoder(folder!) };
    };
    const { scores, trained } = await run([120]);
    expect(scores.at(-1)).toBeGreaterThan(scores[0] + 1);
    const batches = streamImageBatches(createDocumentStream([{ source: discs }], 9), {
      imageSize: [16, 16],
      numImages: 56,
      noiseLength: 0,
    });
    const { batch } = (await batches.next()).value;
    const { counts } = await measureCodeUsage(trained.autoencoder, trained.params, [batch]);
    expect(counts.filter((count) => count > 0).length).toBeGreaterThan(24);
    // What is interrupted goes on as if it had not been.
    const resumed = await run([45, 120]);
    expect(resumed.scores.at(-1)).toBe(scores.at(-1));
    disposeParams([trained.params, resumed.trained.params]);
  },
);

test('reports losses that the latent cannot have', () => {
  const { autoencoder } = tiny;
  const define = (changes: Partial<AutoencoderRecipeOptions>) => () =>
    defineAutoencoderRecipe({ ...tiny, ...changes });
  expect(define({ loss: { commitmentWeight: 1 } })).toThrow('loss.commitmentWeight is for a codebook');
  expect(define({ autoencoder: { ...autoencoder, codebookSize: 8 }, loss: { klWeight: 1 } })).toThrow(
    'loss.klWeight is for a Gaussian latent',
  );
  expect(define({ autoencoder: { ...autoencoder, codebookSize: 0 } })).toThrow('autoencoder.codebookSize');
});

/** Mean difference of a disc and what a codec makes of it, in shades of 256. */
async function roundTripError(trained: TrainedAutoencoder): Promise<number> {
  const codec = await autoencoderCodec({ ...trained, latentShapes: [[8, 8, 4]] });
  const { segments } = await discs.read(3, createRng(0));
  const original = segments[0].value as RgbImage;
  const latents = await codec.encode([original]);
  expect(latents[0].shape).toEqual([8, 8, 4]);
  const [back] = await codec.decode(latents);
  return back.data.reduce((sum, value, i) => sum + Math.abs(value - original.data[i]), 0) / back.data.length;
}

/** Squared difference of previews and decoded discs averaged over 2 × 2 pixels, relative to that of the mean color. */
async function previewError(trained: TrainedAutoencoder): Promise<number> {
  const codec = await autoencoderCodec({ ...trained, latentShapes: [[8, 8, 4]] });
  const documents = await Promise.all([0, 1, 2, 3, 4, 5, 6].map((i) => discs.read(i, createRng(0))));
  const latents = await codec.encode(documents.map(({ segments }) => segments[0].value as RgbImage));
  const averaged = (await codec.decode(latents)).flatMap(({ data }) =>
    Array.from({ length: 8 * 8 * 3 }, (_, i) => {
      const [y, x, c] = [Math.floor(i / 24), Math.floor(i / 3) % 8, i % 3];
      const corner = (2 * y * 16 + 2 * x) * 3 + c;
      return (data[corner] + data[corner + 3] + data[corner + 48] + data[corner + 51]) / 4;
    }),
  );
  const previews = codec.preview!(latents).flatMap(({ data }) => [...data]);
  const mean = averaged.reduce((sum, value) => sum + value, 0) / averaged.length;
  const squares = (values: readonly number[]): number =>
    values.reduce((sum, value, i) => sum + (value - averaged[i]) ** 2, 0);
  return squares(previews) / squares(averaged.map(() => mean));
}

test(
  'a run that was stopped goes on with the same losses; the discriminator begins at its step',
  { timeout: 180_000 },
  async () => {
    const recipe = defineAutoencoderRecipe({
      ...tiny,
      loss: { discriminator: { channels: [8, 16] } },
      // Late enough to be missed by a count of records, of which one in eight is skipped.
      adversarial: { startStep: 8, weight: 0.5 },
      batch: { numImages: 4, microBatches: 2 },
      totalSteps: 10,
      optimizer: { ...tiny.optimizer, warmupSteps: 1 },
      checkpoints: { every: 2 },
      evaluation: undefined,
    });
    const losses = async (stops: readonly (number | undefined)[]): Promise<string[]> => {
      const directory = await newFolder();
      const found: string[] = [];
      for (const stopAt of stops) {
        const { ema } = await runAutoencoder(recipe, {
          directory,
          stopAt,
          onStep: ({ loss, parts }) => found.push(`${loss} ${Object.keys(parts).join()}`),
        });
        disposeParams(ema);
      }
      return found;
    };
    const whole = await losses([undefined]);
    expect(await losses([9, undefined])).toEqual(whole);
    const isJudged = whole.map((line) => line.includes('discriminator'));
    expect(isJudged).toEqual([...new Array<boolean>(8).fill(false), true, true]);
  },
);

test('a run is not resumed with a different config', { timeout: 60_000 }, async () => {
  const directory = await newFolder();
  const options = { ...tiny, totalSteps: 1, optimizer: undefined, evaluation: undefined };
  const { ema } = await runAutoencoder(defineAutoencoderRecipe(options), { directory });
  disposeParams(ema);
  const wider = { ...options, totalSteps: 2, autoencoder: { ...tiny.autoencoder, channels: [8, 24] } };
  await expect(runAutoencoder(defineAutoencoderRecipe(wider), { directory })).rejects.toMatchObject({
    code: 'mismatch',
  });
});

test.each<[Partial<AutoencoderRecipeOptions>, string]>([
  [{ imageSize: [16, 15] }, "recipe 'tiny': imageSize is 16 x 15, expected multiples of 2"],
  [{ totalSteps: 0 }, 'totalSteps is 0, expected a positive integer'],
  [{ adversarial: { startStep: 1, weight: 1 } }, 'adversarial requires loss.discriminator'],
  [{ loss: { discriminator: { channels: [8] } } }, 'loss.discriminator requires adversarial'],
  [{ autoencoder: { channels: [], latentChannels: 1, numBlocks: 1 } }, 'autoencoder.channels'],
  [
    { loss: { discriminator: { channels: [] } }, adversarial: { startStep: 1, weight: 1 } },
    'loss.discriminator.channels is [], expected a list of positive integers',
  ],
  [{ imageSize: [16, 8] }, 'imageSize is 16 x 8, expected at least 11 for evaluation'],
  [{ validation: undefined }, 'evaluation requires validation'],
  [{ sized: 3 } as never, 'sized is not a field'],
])('refuses %j', (changes, message) => {
  expect(() => defineAutoencoderRecipe({ ...tiny, ...changes })).toThrow(message);
});

test('one process trains in a directory, from before its data is prepared', async () => {
  const directory = await newFolder();
  const second = vi.fn(tiny.sources);
  let refused: unknown;
  const sources = async () => {
    const recipe = defineAutoencoderRecipe({ ...tiny, sources: second });
    refused = await runAutoencoder(recipe, { directory, stopAt: 1, onSkip: () => undefined }).catch(
      (error: unknown) => error,
    );
    return [{ source: discs }];
  };
  const result = await runAutoencoder(defineAutoencoderRecipe({ ...tiny, sources }), {
    directory,
    stopAt: 1,
    onSkip: () => undefined,
  });
  disposeParams(result.ema);
  expect(String(refused)).toContain(`process ${process.pid}`);
  expect(second).not.toHaveBeenCalled();
  expect(await readdir(directory)).not.toContain('run.lock');
});
