import * as tf from '@transfusion/tfjs';
import type { AutoencoderBottleneck } from '../autoencoder/autoencoder-model.js';
import { lookUpCodes, nearestCodes, quantize } from './vector-quantizer.js';
import type { VqAutoencoder, VqAutoencoderParams } from './vq-autoencoder.js';

/** Options of {@link codebookBottleneck}. */
export interface CodebookBottleneckOptions {
  /** β: weight of the commitment loss; defaults to 0.25, as in the paper. */
  readonly commitmentWeight?: number;
}

/**
 * Creates the bottleneck of a codebook: the encoder's vectors are replaced by their nearest entries, and both are trained
 * to be close to each other (van den Oord et al. 2017, equation 3).
 */
export function codebookBottleneck(
  autoencoder: VqAutoencoder,
  { commitmentWeight = 0.25 }: CodebookBottleneckOptions = {},
): AutoencoderBottleneck<VqAutoencoderParams> {
  return {
    autoencoder,
    noiseChannels: 0,
    lossNames: ['codebook', 'commitment'],
    statisticNames: ['codesUsed'],
    encode: (params, images) => {
      const vectors = autoencoder.encode(params, images);
      const { ids, quantized, codebookLoss, commitmentLoss } = quantize(params.codebook, vectors);
      const N = images.shape[0];
      return {
        vectors,
        latents: quantized,
        losses: {
          codebook: { sum: codebookLoss.mul(N), weight: 1 },
          commitment: { sum: commitmentLoss.mul(N), weight: commitmentWeight },
        },
        statistics: { codesUsed: countDistinct(ids, autoencoder.config.codebookSize) },
      };
    },
    reconstruct: (params, images) => {
      const ids = nearestCodes(params.codebook, autoencoder.encode(params, images));
      return autoencoder.decode(params, lookUpCodes(params.codebook, ids) as tf.Tensor4D);
    },
  };
}

function countDistinct(ids: tf.Tensor, codebookSize: number): tf.Scalar {
  const ones = tf.ones([ids.size, 1]);
  const counts = tf.unsortedSegmentSum(ones, ids.reshape([-1]) as tf.Tensor1D, codebookSize);
  return counts.greater(0).toFloat().sum();
}
