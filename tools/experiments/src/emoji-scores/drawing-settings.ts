/** How pictures are drawn. */
export interface DrawingSettings {
  /** Steps from noise to picture. */
  readonly numInferenceSteps: number;
  readonly guidanceScale: number;
  /** Of the first picture; further ones count up from it. */
  readonly seed: number;
}
