/**
 * `pnpm bench image`: training steps of an autoencoder and of a U-Net adapter against the rate at which this
 * machine multiplies matrices; how fast images become latents and images again. About four minutes on two
 * idle processors.
 */
import * as tf from '@transfusion/tfjs';
import type { MeasureGroup } from '../measure.js';
import { measureCodec } from '../measures/codec-rate.js';
import { processors, sgemm, trainingStep } from '../measures/rate-groups.js';
import { rateTrainings } from '../measures/training-rate.js';
import { startAutoencoderTraining } from '../models/autoencoder.js';
import { startLatentTraining } from '../models/latent-transfusion.js';
import type { Suite, SuiteOptions } from '../suite.js';

/** The counts of a run. */
export interface ImagePlan {
  /** Of an autoencoder's batch. */
  readonly numImages: number;
  /** Of the transformer's batch. */
  readonly numRows: number;
  readonly sgemmSizes: readonly number[];
  readonly rounds: number;
  readonly maxRounds: number;
  readonly sampleMilliseconds: number;
  readonly codecImages: number;
  readonly codecSamples: number;
}

const fullPlan: ImagePlan = {
  numImages: 16,
  numRows: 32,
  sgemmSizes: [1024, 2048, 4096],
  rounds: 12,
  maxRounds: 20,
  sampleMilliseconds: 400,
  codecImages: 512,
  codecSamples: 5,
};

const quickPlan: ImagePlan = { ...fullPlan, rounds: 3, maxRounds: 4, codecImages: 128, codecSamples: 3 };

export const imageSuite: Suite = {
  description: 'training steps of an autoencoder and a U-Net adapter, images to latents and back',
  run: (options) => measureImages(options.quick ? quickPlan : fullPlan, options),
};

const RATIO_FLOOR = { atLeast: 0.65 };
const WARM_UP_STEPS = 2;

export async function measureImages(
  plan: ImagePlan,
  { progress }: Pick<SuiteOptions, 'progress'>,
): Promise<MeasureGroup[]> {
  await tf.setBackend('onnxruntime');
  progress('Training steps between matrix products');
  const trainings = [await startAutoencoderTraining(plan.numImages), await startLatentTraining(plan.numRows)];
  const rates = rateTrainings(trainings, { ...plan, warmUpSteps: WARM_UP_STEPS });
  progress('Images to latents and back');
  const codec = await measureCodec(plan.codecImages, plan.codecSamples);
  const [autoencoder, latents] = rates;
  return [
    processors(rates),
    sgemm(rates),
    trainingStep('Autoencoder step', autoencoder, rates, RATIO_FLOOR),
    trainingStep('Transfusion step with a U-Net adapter', latents, rates, RATIO_FLOOR),
    codec,
  ];
}
