/**
 * Parameter and FLOP counts of a model, from its configuration. FLOPs are counted as usual: two for each
 * multiply-add of a matrix product and none for other operations; attention over all of S × S regardless of
 * the mask; none for embedding lookups. Elements count once, even if per-modality weights make the graph
 * compute some of them twice.
 */
import { checkedAdapter, type ContinuousModality } from '@transfusion/modality';
import type { BatchShape } from '../sequence/pack.js';
import { spanGroupKinds } from '../sequence/span-groups.js';
import type { TransformerConfig } from '../trunk/config.js';
import type { Transfusion } from './transfusion.js';

/** The parts of a model that its cost depends on. */
type SizedModel = Pick<Transfusion, 'modalities' | 'vocabulary' | 'transformer'>;

/**
 * Counts the parameters of the trunk, the token embedding and the output layer, excluding adapters.
 *
 * @param numContinuous number of continuous modalities with their own weights; only used if `config.weights`
 *   is `per-modality`
 */
export function countTransformerParams(
  config: TransformerConfig,
  vocabSize: number,
  numContinuous = 0,
): number {
  const { modelDim: D, numHeads, numLayers, qkNorm } = config;
  const headDim = D / numHeads;
  const norms = 2 * D + (qkNorm ? 2 * headDim : 0);
  const kinds = config.weights === 'shared' ? 1 : 1 + numContinuous;
  return kinds * (numLayers * (matrixParamsPerLayer(config) + norms) + D) + 2 * vocabSize * D;
}

/** Counts the matrix parameters of a layer: those that each element is multiplied with. */
function matrixParamsPerLayer({ modelDim: D, numHeads, numKvHeads, ffnDim: F }: TransformerConfig): number {
  const kvDim = (D / numHeads) * numKvHeads;
  return 2 * D * D + 2 * D * kvDim + 3 * D * F;
}

/** Counts the FLOPs of the forward pass over a batch with all span slots filled. */
export function forwardFlops(model: SizedModel, shape: BatchShape): number {
  const { transformer, vocabulary } = model;
  const { numRows: B, rowLength: S } = shape;
  const { modelDim: D, numLayers } = transformer;
  const matrixParams = numLayers * matrixParamsPerLayer(transformer) + D * vocabulary.size;
  const attention = 4 * numLayers * S * S * D * B;
  return 2 * matrixParams * B * S + attention + adapterFlops(model, shape);
}

/**
 * Counts the FLOPs of a training step, excluding the optimizer: the backward pass costs twice the forward
 * pass.
 */
export function trainingFlops(model: SizedModel, shape: BatchShape): number {
  return 3 * forwardFlops(model, shape);
}

function adapterFlops({ modalities, transformer }: SizedModel, { spanCapacity }: BatchShape): number {
  const adapters = new Map(
    modalities.continuous.map((modality: ContinuousModality) => [
      modality.name,
      checkedAdapter(modality, transformer.modelDim),
    ]),
  );
  return spanGroupKinds(modalities).reduce((sum, { key, modality, latentShape }) => {
    const spans = spanCapacity[key] ?? 0;
    return spans === 0 ? sum : sum + spans * adapters.get(modality.name)!.flops(latentShape);
  }, 0);
}
