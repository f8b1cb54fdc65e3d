import * as tf from '@transfusion/tfjs';
import { ddim, flowEuler, flowHeun, type NoiseScheduler } from '@transfusion/diffusion';
import { createModality, type LatentCodec, type PluginConfig } from '@transfusion/modality';
import { createRng, flattenParams } from '@transfusion/nn';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { AdapterFactory } from './adapter.js';
import { imageFactory } from './image-factory.js';
import { image } from './image-modality.js';
import { linear } from './linear-adapter.js';
import { pixelCodec } from './pixel-codec.js';
import type { RgbImage } from './rgb-image.js';
import { unet } from './unet-adapter.js';

beforeAll(() => tf.setBackend('cpu'));

const noAssets = { read: (name: string) => Promise.reject(new Error(`no ${name}`)) };
const config = image().config!;
const rebuild = (changes: object, factory = imageFactory()) =>
  createModality({ name: 'photo', config: { ...config, ...changes } as PluginConfig }, [factory], noAssets);

describe('the config of image()', () => {
  it('includes all its parts', () => {
    const modality = image({
      latentShapes: [[8, 8, 3]],
      patchSize: 2,
      positionEmbedding: 'axial',
      adapter: unet({ channels: [4, 8] }),
      diffusion: flowEuler({ shift: 3 }),
      lossWeight: 1,
    });
    expect(modality.config).toEqual({
      type: 'image',
      latentShapes: [[8, 8, 3]],
      patchSize: 2,
      positionEmbedding: 'axial',
      lossWeight: 1,
      codec: { type: 'pixels', latentShapes: [[8, 8, 3]] },
      adapter: { type: 'unet', channels: [4, 8], numBlocks: 1 },
      diffusion: flowEuler({ shift: 3 }).config,
    });
  });

  it.each<[string, Parameters<typeof image>[0]]>([
    ['codec', { codec: { ...pixelCodec([[32, 32, 3]]), config: undefined } }],
    ['adapter', { adapter: (modelDim, shape) => linear()(modelDim, shape) }],
    ['noise scheduler', { diffusion: { ...flowEuler(), config: undefined } }],
  ])('is missing if the %s has none', (_, options) => {
    expect(image(options)).not.toHaveProperty('config');
  });
});

describe('imageFactory', () => {
  it.each<NoiseScheduler>([ddim({ clipSample: 1, betaSchedule: 'linear' }), flowHeun({ shift: 2 })])(
    'rebuilds the noise scheduler $name',
    async (diffusion) => {
      const modality = await rebuild({ diffusion: diffusion.config });
      expect(modality).toMatchObject({ name: 'photo', diffusion: { config: diffusion.config } });
    },
  );

  it('rebuilds custom parts with their factories, which take precedence', async () => {
    const codec: LatentCodec<RgbImage> = { ...pixelCodec([[32, 32, 3]]), id: 'inverted' };
    const adapter: AdapterFactory = (modelDim, shape) => ({
      ...linear()(modelDim, shape),
      init: () => ({ depth: tf.scalar(modelDim) }),
    });
    const scheduler = { ...flowEuler(), name: 'mine' };
    const factory = imageFactory({
      codecs: [{ type: 'pixels', create: () => codec }],
      adapters: [{ type: 'deep', create: () => adapter }],
      schedulers: [{ type: 'mine', create: async () => scheduler }],
    });
    const modality = await rebuild({ adapter: { type: 'deep' }, diffusion: { type: 'mine' } }, factory);
    expect(modality).toMatchObject({ codec: { id: 'inverted' }, diffusion: { name: 'mine' } });
    if (modality.kind !== 'continuous') return expect.fail();
    expect(Object.keys(flattenParams(modality.createAdapter(4).init(createRng(1))))).toEqual(['depth']);
  });

  it.each<[object, string, string]>([
    [{ codec: { type: 'vae' } }, 'not-found', "The codec of 'photo' has the type 'vae', expected one of"],
    [{ adapter: { type: 'vit' } }, 'not-found', "The adapter of 'photo' has the type 'vit'"],
    [{ diffusion: { type: 'edm' } }, 'not-found', "The noise scheduler of 'photo' has the type 'edm'"],
    [{ adapter: undefined }, 'invalid-file', "The adapter of 'photo' has the config undefined"],
    [
      { patchSize: undefined },
      'invalid-file',
      "The modality 'photo' has the patchSize undefined, expected 1, 2, 4 or 8. Use the version of",
    ],
    [{ latentShapes: 32 }, 'invalid-file', 'has the latentShapes 32, expected at least one [h, w, C]'],
    [{ positionEmbedding: 'rope' }, 'invalid-file', `has the positionEmbedding "rope", expected 'none' or`],
    [{ lossWeight: '5' }, 'invalid-file', 'has the lossWeight "5", expected a number'],
    [
      { codec: { type: 'pixels' } },
      'invalid-file',
      'pixel codec: config.latentShapes is undefined, expected',
    ],
  ])('refuses %j', async (changes, code, message) => {
    await expect(rebuild(changes)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('frees the weights of a codec that does not fit', async () => {
    const dispose = vi.fn();
    const codec = { type: 'mine', create: () => ({ ...pixelCodec([[32, 32, 3]]), dispose }) };
    const made = rebuild(
      { codec: { type: 'mine' }, latentShapes: [[3, 3, 3]] },
      imageFactory({ codecs: [codec] }),
    );
    await expect(made).rejects.toThrow('the latent shape is [3, 3, 3]');
    expect(dispose).toHaveBeenCalledOnce();
  });
});
