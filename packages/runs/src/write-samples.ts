/** Samples generated while training: files of their values, and beside them the prompts and the answers. */
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  generateDocuments,
  type GenerationRequest,
  type Transfusion,
  type TransfusionParams,
} from '@transfusion/core';
import {
  decodeDocument,
  encodeDocument,
  type Modality,
  type ModalityRegistry,
  type Segment,
} from '@transfusion/modality';
import type { TrainCallback } from '@transfusion/trainer';
import type { Recipe, SampleRequest } from './recipe.js';
import { writeValues } from './write-values.js';

/** A segment in the JSON file: strings as they are, other values by the file that holds them. */
type JsonSegment = Readonly<Record<string, string | JsonValue | null>>;

/** The place of a value among the values of a file, from 0, row by row where the file is a grid. */
interface JsonValue {
  readonly file: string;
  readonly index: number;
}

/**
 * Writes `samples/step-00000500.json` into the run's folder, and the values beside it in files of their modality's
 * media (`step-00000500.image.png`). Reports their path without extension. Prompts are encoded at once, so that one
 * that its codec refuses ends a run before its first step.
 */
export async function writeSamples(
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
      const generated = await Promise.all(documents.map((document) => decodeDocument(modalities, document)));
      const folder = join(directory, 'samples');
      const path = join(folder, `step-${String(step).padStart(8, '0')}`);
      await mkdir(folder, { recursive: true });
      const locate = await writeFiles(modalities, generated.flat(), path);
      const records = generated.map((segments, i) => ({
        prompt: samples.requests[i].prompt.map((segment) => inJson(segment, () => null)),
        generated: segments.map((segment) => inJson(segment, locate)),
      }));
      await writeFile(`${path}.json`, `${JSON.stringify(records, undefined, 2)}\n`);
      onWritten?.(step, path);
    },
  };
}

async function generationRequest(
  modalities: ModalityRegistry,
  { prompt, firstSpan, maxTokens = firstSpan === undefined ? 64 : 0 }: SampleRequest,
  seed: number,
  { guidanceScale, numInferenceSteps }: NonNullable<Recipe['samples']>,
): Promise<GenerationRequest> {
  return {
    prompt: await encodeDocument(modalities, { segments: prompt }),
    firstSpan,
    seed,
    maxTokens,
    spanSampling: { guidanceScale, numInferenceSteps },
  };
}

/** Writes all values that are no strings, and returns where each of them is. */
async function writeFiles(
  modalities: ModalityRegistry,
  segments: readonly Segment[],
  path: string,
): Promise<(segment: Segment) => JsonValue | null> {
  const located = new Map<Segment, JsonValue>();
  for (const modality of modalities.modalities as readonly Modality[]) {
    const own = segments.filter(({ modality: name, value }) => name === modality.name && !isText(value));
    if (own.length === 0 || modality.media === undefined) continue;
    const values = own.map(({ value }) => value);
    const files = (
      await writeValues(modality, values, `${path}.${modality.name}${modality.media.extensions[0]}`)
    ).map((file) => basename(file));
    own.forEach((segment, i) => {
      const isAlone = files.length === own.length;
      located.set(segment, { file: isAlone ? files[i] : files[0], index: isAlone ? 0 : i });
    });
  }
  return (segment) => located.get(segment) ?? null;
}

function inJson(segment: Segment, locate: (segment: Segment) => JsonValue | null): JsonSegment {
  const { modality, value } = segment;
  return { [modality]: isText(value) ? value : locate(segment) };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
