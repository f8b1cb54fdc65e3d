/** Opens encoder and decoder of an exported VAE, and checks them against each other and the config. */
import { join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { formatShape, sameShape, sizeOf, type Shape } from '@transfusion/modality';
import type { ExecutionProvider } from '@transfusion/tfjs-backend-onnxruntime';
import { openOnnxNetwork, type Maps, type OnnxNetwork } from './onnx-network.js';

/** Pixels per latent position: [vertical, horizontal]. */
export type Factor = readonly [number, number];

/** Encoder or decoder of a VAE. */
export interface VaeNetwork {
  readonly path: string;
  /** Batch size that the file fixes, if any. */
  readonly fixedBatch: number | undefined;
  /** Runs the network. @throws TransfusionError like {@link OnnxNetwork.run}, and `mismatch` for a wrong output shape */
  run(input: Maps): Promise<Maps>;
  /** Frees the weights. */
  dispose(): void;
}

/** Encoder and decoder of a VAE. */
export interface VaeNetworks {
  /** Images [N, 3, H, W] -> latents [N, C, h, w], or [N, 2C, h, w], of which the first C are the means. */
  readonly encoder: VaeNetwork;
  /** Latents [N, C, h, w] -> images [N, 3, H, W]. */
  readonly decoder: VaeNetwork;
  readonly factor: Factor;
}

const ENCODER = { input: 'sample', outputs: ['latent_parameters', 'latent_sample'] };
const DECODER = { input: 'latent_sample', outputs: ['sample'] };

/** Maximum sides of the test latent, unless the files fix them. */
const PROBE_SIDE = 8;

const ONE_EXPORT = 'Use encoder, decoder and config.json from the same export.';

/**
 * Opens both networks and runs them on zeros, to determine their factor and detect files that do not fit.
 *
 * @param latentShapes [h, w, C], at least one
 * @throws TransfusionError `invalid-file` and `mismatch`, naming the file
 */
export async function openVaeNetworks(
  folder: string,
  latentShapes: readonly Shape[],
  executionProviders: readonly ExecutionProvider[],
): Promise<VaeNetworks> {
  const fileOf = (part: string): string => join(folder, part, 'model.onnx');
  const encoderFile = await openOnnxNetwork(fileOf('vae_encoder'), ENCODER, executionProviders);
  const decoderFile = await openOnnxNetwork(fileOf('vae_decoder'), DECODER, executionProviders);

  for (const [h, w, C] of latentShapes) checkFixedAxes(decoderFile, DECODER.input, [C, h, w], [h, w, C]);
  const probe = probeShape(decoderFile, latentShapes[0]);
  const factor = await findFactor(decoderFile, probe);
  for (const shape of latentShapes) {
    const [, height, width] = imageShape(shape, factor);
    checkFixedAxes(encoderFile, ENCODER.input, [3, height, width], shape);
  }

  const encoder = checkedNetwork(encoderFile, ([N, , H, W]) => {
    const [h, w, C] = [H / factor[0], W / factor[1], latentShapes[0][2]];
    return [
      [N, C, h, w],
      [N, 2 * C, h, w],
    ];
  });
  const decoder = checkedNetwork(decoderFile, ([N, , h, w]) => [[N, 3, h * factor[0], w * factor[1]]]);
  const images = imageShape(probe, factor).map((length, axis) => encoderFile.inputShape[axis + 1] ?? length);
  await encoder.run(zeros([encoder.fixedBatch ?? 1, ...images]));
  return { encoder, decoder, factor };
}

/** Returns the shape [3, H, W] of the images of a latent shape [h, w, C]. */
function imageShape([h, w]: Shape, factor: Factor): Shape {
  return [3, h * factor[0], w * factor[1]];
}

/** Chooses a small latent shape that the decoder accepts. */
function probeShape({ inputShape }: OnnxNetwork, [h, w, C]: Shape): Shape {
  return [inputShape[2] ?? Math.min(PROBE_SIDE, h), inputShape[3] ?? Math.min(PROBE_SIDE, w), C];
}

async function findFactor(decoder: OnnxNetwork, [h, w, C]: Shape): Promise<Factor> {
  const input = zeros([decoder.inputShape[0] ?? 1, C, h, w]);
  const { shape } = await decoder.run(input);
  const factor = [shape[2] / h, shape[3] / w] as const;
  const fits =
    sameShape(shape, [input.shape[0], 3, shape[2], shape[3]]) &&
    factor.every((times) => Number.isInteger(times) && times > 0);
  if (fits) return factor;
  throw new TransfusionError(
    'mismatch',
    `${decoder.path}: returns [${shape.join(', ')}] for latents [${input.shape.join(', ')}], expected ` +
      `[${input.shape[0]}, 3, H, W] with sides that are multiples of ${h} and ${w}. ${ONE_EXPORT}`,
  );
}

function checkedNetwork(file: OnnxNetwork, shapesFor: (inputShape: Shape) => readonly Shape[]): VaeNetwork {
  return {
    path: file.path,
    fixedBatch: file.inputShape[0],
    dispose: file.dispose,
    run: async (input) => {
      const output = await file.run(input);
      const expected = shapesFor(input.shape);
      if (expected.some((shape) => sameShape(shape, output.shape))) return output;
      throw new TransfusionError(
        'mismatch',
        `${file.path}: returns [${output.shape.join(', ')}] for [${input.shape.join(', ')}], expected ` +
          `${expected.map((shape) => `[${shape.join(', ')}]`).join(' or ')}. ${ONE_EXPORT}`,
      );
    },
  };
}

/**
 * Checks the fixed axes of a file's input.
 *
 * @param expected [C, h, w] of the input for a latent shape
 */
function checkFixedAxes(
  { path, inputShape }: OnnxNetwork,
  input: string,
  expected: Shape,
  latentShape: Shape,
): void {
  const fixed = inputShape.slice(1);
  const mismatch = expected.findIndex((length, axis) => fixed[axis] !== undefined && fixed[axis] !== length);
  if (mismatch < 0) return;
  const remedy =
    mismatch === 0 ? ONE_EXPORT : 'Choose other latentShapes, or export the VAE with dynamic sizes.';
  throw new TransfusionError(
    'mismatch',
    `${path}: the input '${input}' has ${fixed[mismatch]} ${['channels', 'rows', 'columns'][mismatch]}, expected ` +
      `${expected[mismatch]} (for the latent shape ${formatShape(latentShape)}). ${remedy}`,
  );
}

function zeros(shape: Shape): Maps {
  return { shape, data: new Float32Array(sizeOf(shape)) };
}
