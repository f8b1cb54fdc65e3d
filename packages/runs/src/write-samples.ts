/** Writes samples generated during training: the values as files, and a JSON file with prompts and results. */
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  createEngine,
  generateDocuments,
  type GenerationRequest,
  type Transfusion,
  type TransfusionParams,
} from '@transfusion/core';
import {
  decodeDocuments,
  encodeDocuments,
  type EncodedDocument,
  type Modality,
  type ModalityRegistry,
  type Segment,
} from '@transfusion/modality';
import type { TrainCallback } from '@transfusion/trainer';
import type { Recipe, SampleRequest } from './recipe.js';
import { writeValues } from './write-values.js';

/** A segment in the JSON file: strings as they are, other values by their file. */
type JsonSegment = Readonly<Record<string, string | JsonValue | null>>;

/** The file that holds a value. */
interface JsonValue {
  readonly file: string;
  /** Index among the values in the file, row by row in a grid. */
  readonly index: number;
}

/**
 * Creates the callback that writes `samples/step-00000500.json` into the run's folder, and the values into files of their
 * modality's media (`step-00000500.image.png`); `onWritten` gets the path without extension. Encodes the prompts
 * immediately, so that a prompt that its codec refuses stops a run before its first step.
 */
export async function writeSamples(
  model: Transfusion,
  samples: NonNullable<Recipe['samples']>,
  onWritten?: (step: number, path: string) => void,
): Promise<TrainCallback<TransfusionParams>> {
  const { modalities } = model;
  const prompts = await encodeDocuments(
    modalities,
    samples.requests.map(({ prompt }) => ({ segments: prompt })),
  );
  const requests = samples.requests.map((request, seed) =>
    generationRequest(prompts[seed], request, seed, samples),
  );
  return {
    every: samples.every,
    run: async ({ ema, step, directory }) => {
      const engine = createEngine(model, ema);
      const documents = await generateDocuments(engine, requests).finally(() => engine.dispose());
      const generated = await decodeDocuments(modalities, documents);
      const folder = join(directory, 'samples');
      const path = join(folder, `step-${String(step).padStart(8, '0')}`);
      await mkdir(folder, { recursive: true });
      const findFile = await writeFiles(modalities, generated.flat(), path);
      const records = generated.map((segments, i) => ({
        prompt: samples.requests[i].prompt.map((segment) => toJson(segment, () => null)),
        generated: segments.map((segment) => toJson(segment, findFile)),
      }));
      await writeFile(`${path}.json`, `${JSON.stringify(records, undefined, 2)}\n`);
      onWritten?.(step, path);
    },
  };
}

function generationRequest(
  prompt: EncodedDocument,
  { firstSpan, maxTokens = firstSpan === undefined ? 64 : 0 }: SampleRequest,
  seed: number,
  { guidanceScale, numInferenceSteps }: NonNullable<Recipe['samples']>,
): GenerationRequest {
  return {
    prompt,
    firstSpan,
    seed,
    maxTokens,
    spanSampling: { guidanceScale, numInferenceSteps },
  };
}

/** Writes all values except strings, and returns a function that finds the file of a segment's value. */
async function writeFiles(
  modalities: ModalityRegistry,
  segments: readonly Segment[],
  path: string,
): Promise<(segment: Segment) => JsonValue | null> {
  const fileOfSegment = new Map<Segment, JsonValue>();
  for (const modality of modalities.modalities as readonly Modality[]) {
    const segmentsOfModality = segments.filter(
      ({ modality: name, value }) => name === modality.name && !isString(value),
    );
    if (segmentsOfModality.length === 0 || modality.media === undefined) continue;
    const values = segmentsOfModality.map(({ value }) => value);
    const files = (
      await writeValues(modality, values, `${path}.${modality.name}${modality.media.extensions[0]}`)
    ).map((file) => basename(file));
    const hasOwnFile = files.length === segmentsOfModality.length;
    segmentsOfModality.forEach((segment, i) => {
      fileOfSegment.set(segment, hasOwnFile ? { file: files[i], index: 0 } : { file: files[0], index: i });
    });
  }
  return (segment) => fileOfSegment.get(segment) ?? null;
}

function toJson(segment: Segment, findFile: (segment: Segment) => JsonValue | null): JsonSegment {
  const { modality, value } = segment;
  return { [modality]: isString(value) ? value : findFile(segment) };
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}
