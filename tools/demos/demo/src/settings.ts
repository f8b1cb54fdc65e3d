/** Size and duration of the demo. */
export interface DemoSettings {
  readonly steps: number;
  /** Chooses the number of steps so that training takes about this long on this machine. */
  readonly trainSeconds?: number;
  readonly numRows: number;
  readonly transformer: {
    readonly numLayers: number;
    readonly modelDim: number;
    readonly numHeads: number;
    readonly ffnDim: number;
    readonly qkNorm: boolean;
  };
  /** Side of the images in pixels. */
  readonly imageSize: number;
  /** Steps between the images of the progress strip. */
  readonly samplesEvery: number;
  readonly numInferenceSteps: number;
  readonly guidanceScale: number;
  /** Number of validation images to caption. */
  readonly captions: number;
  readonly seed: number;
}

/** Returns settings for about three minutes of training, sampling during training included. */
export function fullSettings(seed: number): DemoSettings {
  return {
    steps: 900,
    trainSeconds: 165,
    numRows: 16,
    transformer: { numLayers: 6, modelDim: 128, numHeads: 4, ffnDim: 384, qkNorm: true },
    imageSize: 24,
    samplesEvery: 150,
    numInferenceSteps: 25,
    guidanceScale: 3,
    captions: 12,
    seed,
  };
}

/** Returns settings that take seconds: enough to see that everything works. */
export function quickSettings(seed: number): DemoSettings {
  return {
    steps: 12,
    numRows: 4,
    transformer: { numLayers: 2, modelDim: 64, numHeads: 2, ffnDim: 128, qkNorm: true },
    imageSize: 16,
    samplesEvery: 6,
    numInferenceSteps: 4,
    guidanceScale: 3,
    captions: 2,
    seed,
  };
}
