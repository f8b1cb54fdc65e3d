import {
  countTransformerParams,
  estimateMemory,
  trainingFlops,
  type MemoryEstimate,
  type TransformerConfig,
  type Transfusion,
} from '@transfusion/core';
import { formatShape, type ContinuousModality, type VocabularyEntry } from '@transfusion/modality';
import { countParams, createRng, disposeParams } from '@transfusion/nn';
import { createModel, type Recipe } from '@transfusion/runs';

/** What can be said of a recipe's model without making the transformer's parameters. */
export interface ModelInspection {
  readonly recipe: string;
  readonly transformer: TransformerConfig;
  readonly batch: Recipe['batch'];
  /** By part, and `total`. */
  readonly parameters: { readonly total: number; readonly [part: string]: number };
  readonly flopsPerStep: number;
  /** Bytes of a training step, estimated. */
  readonly memory: MemoryEstimate;
  readonly vocabulary: readonly { readonly start: number; readonly size: number; readonly what: string }[];
}

/** Sizes and costs of a recipe's model; of the 7B one as quickly as of a tiny one. */
export function inspectModel(recipe: Recipe, model: Transfusion = createModel(recipe)): ModelInspection {
  const { name, transformer, batch, modalities } = recipe;
  const { size, entries } = model.vocabulary;
  const numContinuous = modalities.continuous.length;
  const embedding = size * transformer.modelDim;
  const withoutAdapters = countTransformerParams(transformer, size, numContinuous);
  const adapters = modalities.continuous.map((modality: ContinuousModality) => {
    const params = modality.createAdapter(transformer.modelDim).init(createRng(0));
    const count = countParams(params);
    disposeParams(params);
    return [`adapters.${modality.name}`, count] as const;
  });
  const starts = entries.map((_, i) => entries.slice(0, i).reduce((sum, entry) => sum + entry.size, 0));
  return {
    recipe: name,
    transformer,
    batch,
    parameters: {
      total: adapters.reduce((sum, [, count]) => sum + count, withoutAdapters),
      tokenEmbedding: embedding,
      trunk: withoutAdapters - 2 * embedding,
      lmHead: embedding,
      ...Object.fromEntries(adapters),
    },
    flopsPerStep: batch.microBatches * trainingFlops(model, batch),
    memory: estimateMemory(model, batch),
    vocabulary: entries.map((entry, i) => ({
      start: starts[i],
      size: entry.size,
      what: describeEntry(entry),
    })),
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
