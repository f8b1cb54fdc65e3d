/**
 * The size of a model and the cost of running it, from its configuration. The usual accounting: two
 * operations for each multiply-add of a matrix product, nothing for the rest; attention over all of
 * S × S whatever the mask hides; an embedding is looked up and costs nothing. Elements count once, also
 * where weights per modality make the graph compute some of them twice.
 */
import type { ContinuousModality } from '@transfusion/modality';
import type { BatchShape } from '../sequence/pack.js';
import { spanGroupKinds } from '../sequence/span-groups.js';
import type { TransformerConfig } from '../trunk/config.js';
import type { Transfusion } from './transfusion.js';

/** What the cost of a model depends on. */
type SizedModel = Pick<Transfusion, 'modalities' | 'vocabulary' | 'transformer'>;

/**
 * Counts the parameters of the trunk, the token embedding and the output layer, without the adapters'.
 *
 * @param numContinuous number of continuous modalities with weights of their own; only used if `config.weights` is
 *   `per-modality`
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

/** Parameters that one element is multiplied with in a layer. */
function matrixParamsPerLayer({ modelDim: D, numHeads, numKvHeads, ffnDim: F }: TransformerConfig): number {
  const kvDim = (D / numHeads) * numKvHeads;
  return 2 * D * D + 2 * D * kvDim + 3 * D * F;
}

/** Counts the operations of the model's forward pass over a batch with all slots for spans filled. */
export function forwardFlops(model: SizedModel, shape: BatchShape): number {
  const { transformer, vocabulary } = model;
  const { numRows: B, rowLength: S } = shape;
  const { modelDim: D, numLayers } = transformer;
  const multiplied = numLayers * matrixParamsPerLayer(transformer) + D * vocabulary.size;
  const attention = 4 * numLayers * S * S * D * B;
  return 2 * multiplied * B * S + attention + adapterFlops(model, shape);
}

/** Counts the operations of a training step: backward costs twice what forward does. The optimizer is not counted. */
export function trainingFlops(model: SizedModel, shape: BatchShape): number {
  return 3 * forwardFlops(model, shape);
}

function adapterFlops({ modalities, transformer }: SizedModel, { spanCapacity }: BatchShape): number {
  const adapters = new Map(
    modalities.continuous.map((modality: ContinuousModality) => [
      modality.name,
      modality.createAdapter(transformer.modelDim),
    ]),
  );
  return spanGroupKinds(modalities).reduce((sum, { key, modality, latentShape }) => {
    const spans = spanCapacity[key] ?? 0;
    return spans === 0 ? sum : sum + spans * adapters.get(modality.name)!.flops(latentShape);
  }, 0);
}
