import type { LatentAdapter } from '@transfusion/modality';

/** What an adapter of images is told of its modality. */
export interface AdapterShape {
  /** k: patches of k × k latent positions become one element of the sequence. */
  readonly patchSize: number;
  /** Channels of the latents; 3 for pixels. */
  readonly latentChannels: number;
  /**
   * `axial` adds a learned vector for a patch's row and one for its column to what the transformer
   * sees; `none` leaves the place of a patch to the sequence, as the paper does.
   */
  readonly positionEmbedding?: 'none' | 'axial';
}

/** Makes an adapter for a transformer of width `modelDim`: what `image({ adapter })` takes. */
export type AdapterFactory = (modelDim: number, shape: AdapterShape) => LatentAdapter;
