import type { Autoencoder } from '@transfusion/modality-image';

/** Means over the validation images. */
export interface ReconstructionScores {
  /** Peak signal-to-noise ratio in decibels. */
  readonly psnr: number;
  /** Structural similarity, from -1 to 1. */
  readonly ssim: number;
}

/** Event of a run besides its steps. */
export type AutoencoderRunEvent =
  /** Training begins, after `step` steps of an earlier run. */
  | {
      readonly type: 'start';
      readonly step: number;
      readonly networks: Pick<Autoencoder, 'factor' | 'flops'>;
    }
  /** Validation images were reconstructed; `path` shows some of them, originals to the left. */
  | {
      readonly type: 'reconstructions';
      readonly step: number;
      readonly scores: ReconstructionScores;
      readonly path: string;
    };
