import type { GenerationRequest, SpanBegin } from '@transfusion/core';
import type { EncodedDocument } from '@transfusion/modality';
import type { RgbImage } from '@transfusion/modality-image';
import { generateValues } from './generate-values.js';
import type { TrainedModel } from './trained-model.js';

/** How images are drawn. */
export interface DrawingOptions {
  /** Decides what is drawn; further images count up from it. 0 by default. */
  readonly seed?: number;
  /** Steps from noise to image; 50 by default. */
  readonly numInferenceSteps?: number;
  /** How strictly to follow the text (classifier-free guidance); 1 is none, 3 by default. */
  readonly guidanceScale?: number;
}

/** What one image is drawn from. */
export interface Drawing {
  readonly prompt: EncodedDocument;
  readonly begin: SpanBegin;
}

/** One image each, in their order. */
export async function drawEach(
  trained: TrainedModel,
  drawings: readonly Drawing[],
  { seed = 0, numInferenceSteps, guidanceScale, imageGuidanceScale }: DrawingOptions & ImageGuidance,
): Promise<RgbImage[]> {
  const requests = drawings.map((drawing, i): GenerationRequest => ({
    ...drawing,
    seed: seed + i,
    maxTokens: 0,
    spans: { numInferenceSteps, guidanceScale, spanGuidanceScale: imageGuidanceScale },
  }));
  const drawn: RgbImage[] = [];
  for await (const { images } of generateValues(trained, requests)) drawn.push(...images);
  return drawn;
}

/** Guidance by an image that stands before. */
export interface ImageGuidance {
  /** How strictly to keep to the image, by itself; as `guidanceScale` unless given. */
  readonly imageGuidanceScale?: number;
}
