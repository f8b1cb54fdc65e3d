/**
 * The network that says of an emoji who drew it and what it shows: a small residual network (He et al. 2016)
 * with the blocks of the autoencoder. Each stage begins with a convolution of stride 2; the first has no
 * blocks, for at half resolution they would take most of the time.
 */
import type * as tf from '@tensorflow/tfjs';
import {
  conv2d,
  groupNorm,
  initConv2d,
  initLayerNorm,
  initLinear,
  initResidualBlock,
  linear,
  residualBlock,
  residualBlockGroups,
  silu,
  type Conv2dParams,
  type LayerNormParams,
  type LinearParams,
  type ResidualBlockParams,
  type Rng,
} from '@transfusion/nn';

/** Channels and residual blocks of a stage; it halves the picture's sides. */
export interface JudgeStage {
  readonly channels: number;
  readonly numBlocks: number;
}

/** The sizes of a judge. */
export interface JudgeNetworkConfig {
  readonly stages: readonly JudgeStage[];
  readonly numStyles: number;
  readonly numSubjects: number;
}

/** All that is trained. */
export type JudgeParams = {
  readonly stages: readonly {
    readonly down: Conv2dParams;
    readonly blocks: readonly ResidualBlockParams[];
  }[];
  readonly norm: LayerNormParams;
  readonly style: LinearParams;
  readonly subject: LinearParams;
};

/** What the network says: [N, numStyles] and [N, numSubjects]. */
export type JudgeLogits = {
  readonly style: tf.Tensor2D;
  readonly subject: tf.Tensor2D;
};

/** The network as pure functions over its parameters. */
export interface JudgeNetwork {
  readonly config: JudgeNetworkConfig;
  init(rng: Rng): JudgeParams;
  /** Pictures [N, h, w, 3] from -1 to 1. */
  logits(params: JudgeParams, images: tf.Tensor4D): JudgeLogits;
  /** Floating-point operations for one picture of so many pixels a side. */
  flops(side: number): number;
}

const IMAGE_CHANNELS = 3;

/** Standard deviation of the heads' starting weights: all classes are nearly as likely. */
const HEAD_STDDEV = 0.02;

/** Makes a judge of given sizes. */
export function createJudgeNetwork(config: JudgeNetworkConfig): JudgeNetwork {
  const { stages, numStyles, numSubjects } = config;
  const channelsBefore = (i: number): number => (i === 0 ? IMAGE_CHANNELS : stages[i - 1].channels);
  const { channels: numFeatures } = stages[stages.length - 1];
  const initHead = (rng: Rng, size: number): LinearParams =>
    initLinear(rng, numFeatures, size, { stddev: HEAD_STDDEV, bias: true });
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
      style: initHead(rng.fork('style'), numStyles),
      subject: initHead(rng.fork('subject'), numSubjects),
    }),
    logits: (params, images) => {
      const x = params.stages.reduce(
        (hidden, { down, blocks }) =>
          blocks.reduce((input, block) => residualBlock(block, input), conv2d(down, hidden, 2)),
        images,
      );
      const features = silu(groupNorm(params.norm, x, residualBlockGroups(numFeatures))).mean([1, 2]);
      return {
        style: linear(params.style, features) as tf.Tensor2D,
        subject: linear(params.subject, features) as tf.Tensor2D,
      };
    },
    flops: (side) => {
      const convolutions = stages.map(({ channels, numBlocks }, i) => {
        const places = (side / 2 ** (i + 1)) ** 2;
        return 2 * places * 9 * channels * (channelsBefore(i) + 2 * numBlocks * channels);
      });
      return convolutions.reduce((sum, flops) => sum + flops, 2 * numFeatures * (numStyles + numSubjects));
    },
  };
}
