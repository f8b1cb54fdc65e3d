/** What checkpoints say about the run that wrote them. */
import type { TransformerConfig, Transfusion } from '@transfusion/core';
import { TransfusionError } from '@transfusion/errors';
import type { ContinuousModality, DiscreteModality, VocabularyEntry } from '@transfusion/modality';
import type { Recipe } from './recipe.js';

/** A modality in a description. */
export type ModalityDescription =
  | {
      readonly kind: 'discrete';
      readonly name: string;
      /** Which tokenizer, say; absent for a modality that does not tell. */
      readonly id?: string;
      readonly vocabSize: number;
    }
  | {
      readonly kind: 'continuous';
      readonly name: string;
      readonly codec: string;
      readonly latentShapes: readonly (readonly number[])[];
      readonly spanLengths: readonly number[];
      readonly predictionType: string;
      readonly process: string;
      readonly numTrainTimesteps: number;
    };

/** Plain JSON: whose run it is, and all that the parameters' shapes and meaning depend on. */
export interface RunDescription {
  readonly recipe: string;
  readonly seed: number;
  readonly transformer: TransformerConfig;
  readonly spanAttention: 'bidirectional' | 'causal';
  readonly vocabulary: readonly VocabularyEntry[];
  readonly modalities: readonly ModalityDescription[];
}

/** The description of a recipe's run. */
export function describeRun(recipe: Recipe, { vocabulary }: Transfusion): RunDescription {
  const { name, seed, transformer, spanAttention, modalities } = recipe;
  return {
    recipe: name,
    seed,
    transformer,
    spanAttention,
    vocabulary: vocabulary.entries,
    modalities: modalities.modalities.map(describeModality),
  };
}

function describeModality(modality: DiscreteModality | ContinuousModality): ModalityDescription {
  const { name } = modality;
  if (modality.kind === 'discrete') {
    const { id, vocabSize } = modality;
    return { kind: 'discrete', name, id, vocabSize };
  }
  const { codec, latentShapes, diffusion } = modality;
  return {
    kind: 'continuous',
    name,
    codec: codec.id,
    latentShapes,
    spanLengths: latentShapes.map((shape) => modality.spanLength(shape)),
    predictionType: diffusion.predictionType,
    process: diffusion.process,
    numTrainTimesteps: diffusion.numTrainTimesteps,
  };
}

/**
 * Reads what {@link describeRun} wrote.
 *
 * @throws TransfusionError `invalid-file` if it is something else
 */
export function parseRunDescription(description: unknown, where: string): RunDescription {
  const { transformer, vocabulary, modalities } = (description ?? {}) as Partial<RunDescription>;
  if (typeof transformer === 'object' && Array.isArray(vocabulary) && Array.isArray(modalities)) {
    return description as RunDescription;
  }
  throw new TransfusionError(
    'invalid-file',
    `${where}: the checkpoint does not say which model it holds; it was not written by a recipe's run.`,
  );
}
