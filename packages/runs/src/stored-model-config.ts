/** Reads the model config in a checkpoint, and compares it with that of a model. */
import type { ModalityConfig, ModelConfig } from '@transfusion/core';
import { TransfusionError } from '@transfusion/errors';
import { sameShape } from '@transfusion/modality';
import { firstDifference, type Checkpoint } from '@transfusion/trainer';
import { z } from 'zod';
import { recipeFields } from './recipe-fields.js';

const { count, positive } = recipeFields;

const shape = z.array(count, 'a list of lengths');
const name = z.string('a name');
const plugin = z.looseObject({ type: z.string('a type') }, 'an object with a type, or null').nullable();

const vocabularyEntry = z.discriminatedUnion(
  'kind',
  [
    z.object({ kind: z.enum(['bos', 'eos']), size: z.literal(1, '1') }),
    z.object({ kind: z.literal('tokens'), modality: name, size: count }),
    z.object({ kind: z.literal('begin'), modality: name, latentShape: shape, size: z.literal(1, '1') }),
    z.object({ kind: z.literal('end'), modality: name, size: z.literal(1, '1') }),
  ],
  "an entry of the kind 'bos', 'eos', 'tokens', 'begin' or 'end'",
);

const modality = z.discriminatedUnion(
  'kind',
  [
    z.object({
      kind: z.literal('discrete'),
      name,
      config: plugin,
      identity: z.object({ id: z.string('an id, or null').nullable(), vocabSize: count }),
    }),
    z.object({
      kind: z.literal('continuous'),
      name,
      config: plugin,
      identity: z.object({
        codec: z.string("a codec's id"),
        latentShapes: z.array(shape, 'a list of latent shapes'),
        spanLengths: z.array(count, 'a list of lengths'),
        predictionType: z.string('a prediction type'),
        process: z.string("a noise process's name"),
        numTrainTimesteps: positive,
      }),
    }),
  ],
  "a modality of the kind 'discrete' or 'continuous'",
);

const modelConfig = z.object(
  {
    transformer: z.object(
      {
        numLayers: count,
        modelDim: count,
        numHeads: count,
        numKvHeads: count,
        ffnDim: count,
        ropeTheta: positive,
        rmsNormEpsilon: positive,
        qkNorm: z.boolean('true or false'),
        weights: z.enum(['shared', 'per-modality'], "'shared' or 'per-modality'"),
      },
      "a transformer's config",
    ),
    spanAttention: z.enum(['bidirectional', 'causal'], "'bidirectional' or 'causal'"),
    lora: recipeFields.lora.optional(),
    vocabulary: z.array(vocabularyEntry, 'a list of entries'),
    modalities: z.array(modality, 'a list of modalities'),
  },
  "a model's config",
);

/**
 * Returns the model config of a checkpoint.
 *
 * @throws TransfusionError `invalid-file`, naming the file and the first invalid field
 */
export function storedModelConfig({ path, model }: Pick<Checkpoint, 'path' | 'model'>): ModelConfig {
  const { data, error } = modelConfig.safeParse(model, { reportInput: true });
  if (error === undefined) return data as ModelConfig;
  const [issue] = error.issues;
  const field = ['model', ...issue.path].join('.');
  const found = issue.input === undefined ? 'missing' : (JSON.stringify(issue.input) ?? String(issue.input));
  throw new TransfusionError(
    'invalid-file',
    `${path}/checkpoint.json: ${field} is ${found.slice(0, 60)}, expected ${issue.message}. ` +
      'Use a checkpoint of a Transfusion model, written by this version of the package.',
  );
}

/**
 * Describes the first difference between two models that makes their parameters incompatible; undefined if there is none.
 *
 * @param otherCodecs ignores the ids of codecs
 */
export function modelDifference(
  stored: ModelConfig,
  current: ModelConfig,
  otherCodecs: boolean,
): string | undefined {
  return firstDifference(identityOf(stored, otherCodecs), identityOf(current, otherCodecs));
}

/**
 * Describes the first difference that keeps a model from being an extension of the stored one, with all of its ids, shapes
 * and modalities, and more; undefined if there is none.
 *
 * @param otherCodecs ignores the ids of codecs
 */
export function extensionDifference(
  stored: ModelConfig,
  current: ModelConfig,
  otherCodecs: boolean,
): string | undefined {
  const known = new Map(stored.modalities.map((modality) => [modality.name, modality]));
  const shared: ModelConfig = {
    ...current,
    vocabulary: current.vocabulary.slice(0, stored.vocabulary.length),
    modalities: current.modalities.flatMap((modality) => {
      const before = known.get(modality.name);
      return before === undefined ? [] : [withShapesOf(modality, before)];
    }),
  };
  return modelDifference(stored, shared, otherCodecs);
}

/** Leaves out latent shapes that the stored modality does not have, and puts the others in its order. */
function withShapesOf(modality: ModalityConfig, stored: ModalityConfig): ModalityConfig {
  if (modality.kind === 'discrete' || stored.kind === 'discrete') return modality;
  const { latentShapes, spanLengths } = modality.identity;
  const indices = stored.identity.latentShapes
    .map((shape) => latentShapes.findIndex((own) => sameShape(own, shape)))
    .filter((index) => index >= 0);
  const identity = {
    ...modality.identity,
    latentShapes: indices.map((index) => latentShapes[index]),
    spanLengths: indices.map((index) => spanLengths[index]),
  };
  return { ...modality, identity };
}

/** Leaves out the modalities' configs, parts of which (such as loss weights) may change, and updates that are merged. */
function identityOf({ modalities, lora: _, ...model }: ModelConfig, otherCodecs: boolean): object {
  return {
    ...model,
    modalities: Object.fromEntries(
      modalities.map(({ name: key, kind, identity }) => [
        key,
        { kind, ...identity, ...(otherCodecs ? { codec: undefined } : {}) },
      ]),
    ),
  };
}
