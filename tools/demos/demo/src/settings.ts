/** How much the demo does. */
export interface DemoSettings {
  readonly steps: number;
  /** Fits the number of steps to the machine, so that they take about this long. */
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
  /** How often, in steps, the prompts of the progress strip are drawn. */
  readonly samplesEvery: number;
  readonly numInferenceSteps: number;
  readonly guidanceScale: number;
  /** How many validation images are captioned. */
  readonly captions: number;
  readonly seed: number;
}

/** About three minutes of training, the images of its progress included. */
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

/** Seconds: enough to see that everything works. */
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
