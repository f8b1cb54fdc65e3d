import {
  countTransformerParams,
  estimateMemory,
  trainingFlops,
  type MemoryEstimate,
  type ModelConfig,
  type Transfusion,
} from '@transfusion/core';
import {
  checkedAdapter,
  formatShape,
  type ContinuousModality,
  type VocabularyEntry,
} from '@transfusion/modality';
import { countParams, disposeParams, zeroRng } from '@transfusion/nn';
import type { Recipe } from '@transfusion/runs';

/** Parameter counts, by part of the model. */
export type ParameterCounts = Readonly<Record<string, number>>;

/** Sizes of a model. */
export interface ModelInspection {
  readonly transformer: ModelConfig['transformer'];
  /** Counts by part, and `total`. */
  readonly parameters: ParameterCounts & { readonly total: number };
  readonly modalities: ModelConfig['modalities'];
  readonly vocabulary: readonly { readonly start: number; readonly size: number; readonly what: string }[];
}

/** Cost of a training step of a recipe. */
export interface StepInspection {
  readonly batch: Recipe['batch'];
  readonly flopsPerStep: number;
  /** Estimate in bytes. */
  readonly memory: MemoryEstimate;
}

/** Describes a model from its config. */
export function inspectModel(config: ModelConfig, parameters: ParameterCounts): ModelInspection {
  const { transformer, modalities, vocabulary } = config;
  const starts = vocabulary.map((_, i) => vocabulary.slice(0, i).reduce((sum, entry) => sum + entry.size, 0));
  return {
    transformer,
    parameters: { total: Object.values(parameters).reduce((sum, count) => sum + count, 0), ...parameters },
    modalities,
    vocabulary: vocabulary.map((entry, i) => ({
      start: starts[i],
      size: entry.size,
      what: describeEntry(entry),
    })),
  };
}

/** Counts a model's parameters without initializing the transformer, so it is fast even for 7B. */
export function countModelParams({ transformer, modalities, vocabulary }: Transfusion): ParameterCounts {
  const { size } = vocabulary;
  const embedding = size * transformer.modelDim;
  const trunk = countTransformerParams(transformer, size, modalities.continuous.length) - 2 * embedding;
  const adapters = modalities.continuous.map((modality: ContinuousModality) => {
    const params = checkedAdapter(modality, transformer.modelDim).init(zeroRng);
    const count = countParams(params);
    disposeParams(params);
    return [`adapters.${modality.name}`, count] as const;
  });
  return { tokenEmbedding: embedding, trunk, lmHead: embedding, ...Object.fromEntries(adapters) };
}

/** Computes the cost of a training step. */
export function inspectStep({ batch }: Recipe, model: Transfusion): StepInspection {
  return {
    batch,
    flopsPerStep: batch.microBatches * trainingFlops(model, batch),
    memory: estimateMemory(model, batch),
  };
}

function describeEntry(entry: VocabularyEntry): string {
  switch (entry.kind) {
    case 'bos':
      return 'begin of document';
    case 'eos':
      return 'end of document';
    case 'tokens':
      return `${entry.modality}: tokens`;
    case 'begin':
      return `${entry.modality}: begin of ${formatShape(entry.latentShape)}`;
    case 'end':
      return `${entry.modality}: end`;
  }
}
