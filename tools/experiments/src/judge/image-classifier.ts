/**
 * A classifier of images: a small residual network (He et al. 2016) with the blocks of the autoencoder. Each stage begins with a convolution of stride 2.
 */
import type * as tf from '@transfusion/tfjs';
import {
  conv2d,
  initConv2d,
  initLayerNorm,
  initLinear,
  initResidualBlock,
  layerNorm,
  linear,
  residualBlock,
  silu,
  type Conv2dParams,
  type LayerNormParams,
  type LinearParams,
  type ResidualBlockParams,
  type Rng,
} from '@transfusion/nn';

/** Channels and residual blocks of a stage; it halves the image's sides. */
export interface ClassifierStage {
  readonly channels: number;
  readonly numBlocks: number;
}

/** Config of a classifier. */
export interface ClassifierConfig {
  readonly stages: readonly ClassifierStage[];
  readonly numClasses: number;
}

/** Parameters of a classifier. */
export type ClassifierParams = {
  readonly stages: readonly {
    readonly down: Conv2dParams;
    readonly blocks: readonly ResidualBlockParams[];
  }[];
  readonly norm: LayerNormParams;
  readonly head: LinearParams;
};

/** The network as pure functions over its parameters. */
export interface ImageClassifier {
  readonly config: ClassifierConfig;
  init(rng: Rng): ClassifierParams;
  /** Images [N, h, w, 3] from -1 to 1 -> [N, numClasses]. */
  logits(params: ClassifierParams, images: tf.Tensor4D): tf.Tensor2D;
  /** Returns the FLOPs for one image of `side` × `side` pixels. */
  flops(side: number): number;
}

const IMAGE_CHANNELS = 3;

/** Standard deviation of the head's initial weights: all classes are about equally likely. */
const HEAD_STDDEV = 0.02;

/** Creates a classifier from a config. */
export function createClassifier(config: ClassifierConfig): ImageClassifier {
  const { stages, numClasses } = config;
  const channelsBefore = (i: number): number => (i === 0 ? IMAGE_CHANNELS : stages[i - 1].channels);
  const { channels: numFeatures } = stages[stages.length - 1];
  return {
    config,
    init: (rng) => ({
      stages: stages.map(({ channels, numBlocks }, i) => ({
        down: initConv2d(rng.fork(`down ${i}`), channelsBefore(i), channels, 3),
        blocks: Array.from({ length: numBlocks }, (_, k) =>
          initResidualBlock(rng.fork(`blocks ${i}`).fork(k), channels, channels),
        ),
      })),
      norm: initLayerNorm(numFeatures),
      head: initLinear(rng.fork('head'), numFeatures, numClasses, { stddev: HEAD_STDDEV, bias: true }),
    }),
    logits: (params, images) => {
      const x = params.stages.reduce(
        (hidden, { down, blocks }) =>
          blocks.reduce((input, block) => residualBlock(block, input), conv2d(down, hidden, 2)),
        images,
      );
      // A group norm before the mean would remove the strength of each feature.
      const features = layerNorm(params.norm, silu(x).mean([1, 2]));
      return linear(params.head, features) as tf.Tensor2D;
    },
    flops: (side) => {
      const convolutions = stages.map(({ channels, numBlocks }, i) => {
        const positions = (side / 2 ** (i + 1)) ** 2;
        return 2 * positions * 9 * channels * (channelsBefore(i) + 2 * numBlocks * channels);
      });
      return convolutions.reduce((sum, flops) => sum + flops, 2 * numFeatures * numClasses);
    },
  };
}
