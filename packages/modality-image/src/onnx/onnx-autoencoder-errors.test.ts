/** Errors name what is wrong with a folder, and where. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import '@transfusion/tfjs-backend-onnxruntime';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TransfusionError, type TransfusionErrorCode } from '@transfusion/errors';
import { onnxAutoencoderCodec } from './onnx-autoencoder-codec.js';
import { HEIGHT, STABLE, WIDTH, writeNetwork, writeTinyVae } from './testing-internals/tiny-vae.js';

const latentShapes = [[HEIGHT, WIDTH, 4]];
const ENCODER = ['vae_encoder', 'model.onnx'] as const;
const DECODER = ['vae_decoder', 'model.onnx'] as const;
const PIXELS = [1, 3, 2 * HEIGHT, 2 * WIDTH];
const LATENTS = [1, 4, HEIGHT, WIDTH];

let folder: string;

beforeAll(async () => {
  await tf.setBackend('onnxruntime');
  folder = mkdtempSync(join(tmpdir(), 'onnx-autoencoder-errors-'));
});
beforeEach(() => writeTinyVae(folder));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function expectError(
  code: TransfusionErrorCode,
  file: readonly string[],
  problem: string,
): Promise<void> {
  const error: unknown = await onnxAutoencoderCodec(folder, { latentShapes }).catch(
    (caught: unknown) => caught,
  );
  if (!TransfusionError.isInstance(error))
    throw new Error(`expected a TransfusionError, got ${String(error)}`);
  expect(error.message).toContain(`${join(folder, ...file)}: `);
  expect(error.message).toContain(problem);
  expect(error.code).toBe(code);
}

describe('config.json', () => {
  const write = (config: object | string, part = 'vae_decoder'): void =>
    writeFileSync(
      join(folder, part, 'config.json'),
      typeof config === 'string' ? config : JSON.stringify(config),
    );
  const CONFIG = ['vae_decoder', 'config.json'];

  it.each([
    [{ latent_channels: 4 }, 'scaling_factor is missing, expected a number above 0 (0.18215'],
    [{ ...STABLE, scaling_factor: 0 }, 'scaling_factor is 0, expected a number above 0'],
    [{ ...STABLE, scaling_factor: '0.2' }, 'scaling_factor is "0.2", expected a number'],
    [{ scaling_factor: 1 }, 'latent_channels is missing, expected a positive integer'],
    [{ ...STABLE, latent_channels: 4.5 }, 'latent_channels is 4.5, expected a positive integer'],
    [{ ...STABLE, shift_factor: 'none' }, 'shift_factor is "none", expected a finite number or null'],
    [{ ...STABLE, latents_std: [1, 1] }, 'latents_std is [1,1], expected 4 numbers above 0 (one per'],
    [{ ...STABLE, latents_std: [1, 1, 1, 0] }, 'expected 4 numbers above 0'],
    [{ ...STABLE, latents_mean: 0.5 }, 'latents_mean is 0.5, expected 4 finite numbers'],
    ['{"scaling_factor": 0.2', 'is not JSON ('],
    ['[0.2]', 'is not a JSON object'],
  ])('%j', async (config, problem) => {
    write(config);
    await expectError('invalid-file', CONFIG, problem);
  });

  it('missing', async () => {
    for (const part of ['vae_encoder', 'vae_decoder']) rmSync(join(folder, part, 'config.json'));
    await expectError('invalid-file', CONFIG, 'is missing, and so is vae_encoder/config.json');
  });

  it('of two VAEs', async () => {
    write({ ...STABLE, scaling_factor: 0.2 });
    const problem = 'its scaling_factor or latents_std differs from that of vae_decoder/config.json';
    await expectError('mismatch', ['vae_encoder', 'config.json'], problem);
  });
});

describe.each([ENCODER, DECODER])('%s/%s', (...file) => {
  const path = (): string => join(folder, ...file);

  it('missing', async () => {
    rmSync(path());
    await expectError('invalid-file', file, 'cannot be read (ENOENT');
  });

  it('truncated', async () => {
    const bytes = readFileSync(path());
    writeFileSync(path(), bytes.subarray(0, bytes.length / 2));
    await expectError('invalid-file', file, 'ONNX Runtime cannot load it (');
  });

  it('not ONNX', async () => {
    writeFileSync(path(), '<html>not found</html>');
    await expectError('invalid-file', file, 'ONNX Runtime cannot load it (');
  });
});

describe('networks', () => {
  type Network = (x: tf.Tensor) => tf.Tensor;
  const negative: Network = (x) => x.neg();
  /** Zeros, or NaN where the sum of the input is more than a float holds. */
  const zeros =
    (shape: number[]): Network =>
    (x) =>
      tf.zeros(shape).add(x.sum().mul(0));
  const named = (input: string, output: string) => ({ inputNames: [input], outputNames: [output] });
  const writeEncoder = (
    network: Network,
    options = named('sample', 'latent_sample'),
    example: tf.Tensor = tf.zeros(PIXELS),
  ): void => writeNetwork(folder, 'vae_encoder', network, example, options);
  const writeDecoder = (network: Network, example: tf.Tensor = tf.zeros(LATENTS)): void =>
    writeNetwork(folder, 'vae_decoder', network, example, named('latent_sample', 'sample'));

  it('without their weights', async () => {
    writeTinyVae(folder, { externalData: true });
    rmSync(join(folder, 'vae_encoder', 'model.onnx.data'));
    await expectError('invalid-file', ENCODER, 'with its model.onnx_data if there is one');
  });

  it('with a different input', async () => {
    writeEncoder(negative, named('pixels', 'latent_sample'));
    await expectError('invalid-file', ENCODER, "has the inputs 'pixels', expected 'sample'. Is it the right");
  });

  it('with a different output', async () => {
    writeEncoder(negative, named('sample', 'latents'));
    const problem = "has the outputs 'latents', expected 'latent_parameters' or 'latent_sample'";
    await expectError('invalid-file', ENCODER, problem);
  });

  it('with a second input (a U-Net)', async () => {
    const inputs = [tf.zeros(PIXELS), tf.zeros([1])];
    writeNetwork(folder, 'vae_encoder', ([sample, timestep]: tf.Tensor[]) => sample.add(timestep), inputs, {
      inputNames: ['sample', 'timestep'],
      outputNames: ['latent_sample'],
    });
    await expectError('invalid-file', ENCODER, "has the inputs 'sample', 'timestep', expected 'sample'");
  });

  it('swapped', async () => {
    writeFileSync(join(folder, ...DECODER), readFileSync(join(folder, ...ENCODER)));
    await expectError('invalid-file', DECODER, "has the inputs 'sample', expected 'latent_sample'");
  });

  it('of a different type', async () => {
    writeDecoder(negative, tf.zeros(LATENTS, 'int32'));
    await expectError('invalid-file', DECODER, "the input 'latent_sample' is int32, expected float32");
  });

  it('with different axes', async () => {
    writeEncoder(negative, undefined, tf.zeros([3, 8, 12]));
    const problem = "the input 'sample' has the shape [3, 8, 12], expected four axes";
    await expectError('invalid-file', ENCODER, problem);
  });

  it('with latent channels that differ from config.json: the decoder', async () => {
    writeDecoder(zeros(PIXELS), tf.zeros([1, 16, HEIGHT, WIDTH]));
    const problem = "the input 'latent_sample' has 16 channels, expected 4 (for the latent shape 4x6x4)";
    await expectError('mismatch', DECODER, problem);
  });

  it('with latent channels that differ from config.json: the encoder', async () => {
    writeEncoder(zeros([1, 16, HEIGHT, WIDTH]));
    const problem = 'returns [1, 16, 4, 6] for [1, 3, 8, 12], expected [1, 4, 4, 6] or [1, 8, 4, 6]';
    await expectError('mismatch', ENCODER, problem);
  });

  it('of gray images: the decoder', async () => {
    writeDecoder(zeros([1, 1, 8, 12]));
    const problem =
      'returns [1, 1, 8, 12] for latents [1, 4, 4, 6], expected [1, 3, H, W] with sides that are';
    await expectError('mismatch', DECODER, problem);
  });

  it('of gray images: the encoder', async () => {
    writeEncoder(zeros(LATENTS), undefined, tf.zeros([1, 1, 8, 12]));
    await expectError('mismatch', ENCODER, "the input 'sample' has 1 channels, expected 3");
  });

  it('with a fractional factor', async () => {
    writeDecoder(zeros([1, 3, 8, 15]));
    await expectError('mismatch', DECODER, 'with sides that are multiples of 4 and 6');
  });

  it('with different factors', async () => {
    writeDecoder(zeros([1, 3, 16, 24]));
    const problem = "the input 'sample' has 8 rows, expected 16 (for the latent shape 4x6x4)";
    await expectError('mismatch', ENCODER, problem);
  });

  it('with NaN weights', async () => {
    writeTinyVae(folder, { encoderWeight: NaN });
    await expectError('invalid-file', ENCODER, "the output 'latent_parameters' is NaN at index 0 of 192");
  });

  it('that overflow on some latents only', async () => {
    writeDecoder(zeros(PIXELS));
    const codec = await onnxAutoencoderCodec(folder, { latentShapes });
    const latent = { shape: latentShapes[0], data: new Float32Array(HEIGHT * WIDTH * 4).fill(1e38) };
    await expect(codec.decode([latent])).rejects.toThrow("the output 'sample' is NaN at index 0 of 288");
  });

  it('that cannot run on a latent', async () => {
    const codec = await onnxAutoencoderCodec(folder, { latentShapes });
    const latent = { shape: [2, 2, 4], data: new Float32Array(16) };
    await expect(codec.decode([latent])).rejects.toThrow(
      "cannot run with the input 'latent_sample' of [1, 4, 2, 2] (",
    );
  });
});

describe('options', () => {
  it.each([
    [{ latentShapes: [] }, 'latentShapes is empty, expected at least one [h, w, C]'],
    [{ latentShapes: [[4, 6]] }, 'the latent shape is [4, 6], expected [h, w, C]'],
    [{ latentShapes: [[4, 0.5, 4]] }, 'the latent shape is [4, 0.5, 4], expected [h, w, C]'],
    [{ latentShapes: [[4, 6, 8]] }, 'the latent shape 4x6x8 has 8 channels, expected 4 (latent_channels in'],
    [{ latentShapes, batchSize: 0 }, 'batchSize is 0, expected a positive integer'],
  ])('%j', async (options, problem) => {
    await expect(onnxAutoencoderCodec(folder, options)).rejects.toThrow(`onnxAutoencoderCodec: ${problem}`);
  });

  it('shapes that the files do not support', async () => {
    const options = { latentShapes: [...latentShapes, [4, 8, 4]] };
    await expect(onnxAutoencoderCodec(folder, options)).rejects.toThrow(
      "the input 'latent_sample' has 6 columns, expected 8 (for the latent shape 4x8x4). Choose other latentShapes",
    );
  });
});
