import type { Autoencoder } from '@transfusion/modality-image';

/** Means over the validation images. */
export interface ReconstructionScores {
  /** Peak signal-to-noise ratio in decibels. */
  readonly psnr: number;
  /** Structural similarity, from -1 to 1. */
  readonly ssim: number;
}

/** An event of a run other than a step. */
export type AutoencoderRunEvent =
  /** Training starts; a resumed run has already completed `step` steps. */
  | {
      readonly type: 'start';
      readonly step: number;
      readonly autoencoder: Pick<Autoencoder, 'factor' | 'flops'>;
    }
  /** Validation images were reconstructed; `path` shows some of them, originals on the left. */
  | {
      readonly type: 'reconstructions';
      readonly step: number;
      readonly scores: ReconstructionScores;
      readonly path: string;
    };
