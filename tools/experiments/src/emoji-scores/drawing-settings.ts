/** How images are drawn. */
export interface DrawingSettings {
  /** Steps from noise to image. */
  readonly numInferenceSteps: number;
  readonly guidanceScale: number;
  /** Of the first image; further ones count up from it. */
  readonly seed: number;
}
