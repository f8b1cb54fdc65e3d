/** Samples drawn while training: a grid of the images, and beside it what was asked and answered. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  generateDocuments,
  type GenerationRequest,
  type Transfusion,
  type TransfusionParams,
} from '@transfusion/core';
import { decodeDocument, encodeDocument, type ModalityRegistry, type Segment } from '@transfusion/modality';
import { imageGrid, isRgbImage, writePng, type RgbImage } from '@transfusion/modality-image';
import type { TrainCallback } from '@transfusion/trainer';
import type { Recipe, SampleRequest } from './recipe.js';

/** One request in the JSON file; values that JSON cannot hold are named by their modality. */
interface SampleRecord {
  readonly prompt: readonly unknown[];
  readonly generated: readonly unknown[];
  /** Which images of the grid belong to it, counted row by row from 0. */
  readonly images: readonly number[];
}

/**
 * Writes `samples/step-00000500.png` and `.json` into the run's folder, and tells their path without ending.
 * Prompts are encoded here, so that one that its codec does not take ends a run before its first step.
 */
export async function sampleGrid(
  model: Transfusion,
  samples: NonNullable<Recipe['samples']>,
  onWritten?: (step: number, path: string) => void,
): Promise<TrainCallback<TransfusionParams>> {
  const { modalities } = model;
  const requests = await Promise.all(
    samples.requests.map((request, seed) => generationRequest(modalities, request, seed, samples)),
  );
  return {
    every: samples.every,
    run: async ({ ema, step, directory }) => {
      const documents = await generateDocuments(model, ema, requests);
      const images: RgbImage[] = [];
      const records: SampleRecord[] = [];
      for (const [i, document] of documents.entries()) {
        const generated = await decodeDocument(modalities, document);
        const drawn = generated.map(({ value }) => value).filter(isRgbImage);
        records.push({
          prompt: samples.requests[i].prompt.map(inJson),
          generated: generated.map(inJson),
          images: drawn.map((_, k) => images.length + k),
        });
        images.push(...drawn);
      }
      const folder = join(directory, 'samples');
      const path = join(folder, `step-${String(step).padStart(8, '0')}`);
      await mkdir(folder, { recursive: true });
      if (images.length > 0) await writePng(`${path}.png`, imageGrid(images));
      await writeFile(`${path}.json`, `${JSON.stringify(records, undefined, 2)}\n`);
      onWritten?.(step, path);
    },
  };
}

async function generationRequest(
  modalities: ModalityRegistry,
  { prompt, begin, maxTokens = begin === undefined ? 64 : 0 }: SampleRequest,
  seed: number,
  { guidanceScale, numInferenceSteps }: NonNullable<Recipe['samples']>,
): Promise<GenerationRequest> {
  return {
    prompt: await encodeDocument(modalities, { segments: prompt }),
    begin,
    seed,
    maxTokens,
    spans: { guidanceScale, numInferenceSteps },
  };
}

function inJson({ modality, value }: Segment): unknown {
  return typeof value === 'string' ? { [modality]: value } : { [modality]: null };
}
