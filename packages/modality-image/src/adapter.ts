import type { LatentAdapter, PluginConfig } from '@transfusion/modality';

/** The properties of an image modality that its adapter depends on. */
export interface AdapterShape {
  /** k: patches of k × k latent positions become one element of the sequence. */
  readonly patchSize: number;
  /** Channels of the latents; 3 for pixels. */
  readonly latentChannels: number;
  /**
   * `axial` adds learned row and column embeddings to the transformer's input; with `none`, the default, the position of
   * a patch is only known from the sequence, as in the paper.
   */
  readonly positionEmbedding?: 'none' | 'axial';
}

/** Creates an adapter for a transformer of width `modelDim`; for `image({ adapter })`. */
export interface AdapterFactory {
  (modelDim: number, shape: AdapterShape): LatentAdapter;
  /** Written into checkpoints; without it, a checkpoint can only be opened with its recipe. */
  readonly config?: PluginConfig;
}
