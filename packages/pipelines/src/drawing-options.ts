import type { GenerationRequest, SpanBegin } from '@transfusion/core';
import type { EncodedDocument } from '@transfusion/modality';
import type { RgbImage } from '@transfusion/modality-image';
import { generateValues } from './generate-values.js';
import type { TrainedModel } from './trained-model.js';

/** How pictures are drawn. */
export interface DrawingOptions {
  /** Decides what is drawn; further pictures count up from it. 0 by default. */
  readonly seed?: number;
  /** Steps from noise to picture; 50 by default. */
  readonly numInferenceSteps?: number;
  /** How strictly to follow the text (classifier-free guidance); 1 is none, 3 by default. */
  readonly guidanceScale?: number;
}

/** What one picture is drawn from. */
export interface Drawing {
  readonly prompt: EncodedDocument;
  readonly begin: SpanBegin;
}

/** One picture each, in their order. */
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
  for await (const { pictures } of generateValues(trained, requests)) drawn.push(...pictures);
  return drawn;
}

/** Guidance by a picture that stands before. */
export interface ImageGuidance {
  /** How strictly to keep to the picture, by itself; as `guidanceScale` unless given. */
  readonly imageGuidanceScale?: number;
}
