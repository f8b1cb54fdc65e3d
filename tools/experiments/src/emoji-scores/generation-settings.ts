/** Settings of image generation. */
export interface GenerationSettings {
  /** Denoising steps. */
  readonly numInferenceSteps: number;
  readonly guidanceScale: number;
  /** Seed of the first image; the next ones count up from it. */
  readonly seed: number;
}
