import type { AutoencoderBottleneck } from './autoencoder-model.js';
import { sampleLatent, type Autoencoder } from './autoencoder.js';
import { imageSum } from './image-losses.js';

/** Options of {@link gaussianBottleneck}. */
export interface GaussianBottleneckOptions {
  /**
   * Weight of the KL divergence from a standard normal, averaged over the latent's elements; defaults to 1e-6, as in the
   * paper.
   */
  readonly klWeight?: number;
}

/** Creates the bottleneck of a Gaussian latent: sampled in training, its mean in reconstruction. */
export function gaussianBottleneck(
  autoencoder: Autoencoder,
  { klWeight = 1e-6 }: GaussianBottleneckOptions = {},
): AutoencoderBottleneck {
  return {
    autoencoder,
    noiseChannels: autoencoder.config.latentChannels,
    lossNames: ['kl'],
    statisticNames: [],
    encode: (params, images, noise) => {
      const gaussian = autoencoder.encode(params, images);
      const latents = sampleLatent(gaussian, noise!);
      const { mean, logVariance } = gaussian;
      const divergence = mean.square().add(logVariance.exp()).sub(1).sub(logVariance).mul(0.5);
      return {
        vectors: mean,
        latents,
        losses: { kl: { sum: imageSum(divergence), weight: klWeight } },
        statistics: {},
      };
    },
    reconstruct: (params, images) => autoencoder.decode(params, autoencoder.encode(params, images).mean),
  };
}
