import type { LatentAdapter, PluginConfig } from '@transfusion/modality';

/** The part of an image modality that its adapter depends on. */
export interface AdapterShape {
  /** k: patches of k × k latent positions become one element of the sequence. */
  readonly patchSize: number;
  /** Channels of the latents; 3 for pixels. */
  readonly latentChannels: number;
  /**
   * `axial` adds a learned vector for a patch's row and one for its column to the transformer's input; `none`, the
   * default, leaves a patch's position to the sequence, as the paper does.
   */
  readonly positionEmbedding?: 'none' | 'axial';
}

/** Makes an adapter for a transformer of width `modelDim`; for `image({ adapter })`. */
export interface AdapterFactory {
  (modelDim: number, shape: AdapterShape): LatentAdapter;
  /** Describes it in checkpoints; without it, a checkpoint can only be opened with its recipe. */
  readonly config?: PluginConfig;
}
