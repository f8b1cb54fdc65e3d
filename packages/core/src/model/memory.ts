/**
 * Memory of a compiled training step, estimated from the configuration: forward, backward, AdamW and an EMA
 * of the weights in one graph. The engine holds the state twice: a step's input and its output. All elements
 * are float32.
 */
import { checkedAdapter, sizeOf, type ContinuousModality } from '@transfusion/modality';
import { countParams, zeroRng } from '@transfusion/nn';
import * as tf from '@transfusion/tfjs';
import type { BatchShape } from '../sequence/pack.js';
import { spanGroupKinds } from '../sequence/span-groups.js';
import type { TransformerConfig } from '../trunk/config.js';
import { countTransformerParams } from './flops.js';
import type { Transfusion } from './transfusion.js';

/** Memory by purpose, in bytes. */
export interface MemoryEstimate {
  readonly parameters: number;
  /** AdamW's two moments. */
  readonly optimizerState: number;
  /** The EMA of the parameters. */
  readonly ema: number;
  /** The engine's second copy of the three above. */
  readonly stateCopy: number;
  readonly gradients: number;
  /** Temporaries of the optimizer update: clipped gradients, decayed moments and weights. */
  readonly update: number;
  /** Results of the forward pass that are kept for the backward pass, over all layers. */
  readonly activations: number;
  /** Peak of short-lived tensors: the loss over the vocabulary, or the backward pass of one layer. */
  readonly transient: number;
  /** Node, TensorFlow.js, ONNX Runtime and the compiled graph; hardly depends on the model. */
  readonly runtime: number;
  /** Peak memory: the sum of all parts. */
  readonly total: number;
}

const FLOAT_BYTES = 4;

/** Memory of the update, in copies of the parameters (measured). */
const UPDATE_COPIES = 1;

/** Resident memory that small and large models have in common (measured). */
const RUNTIME_BYTES = 400 * 2 ** 20;

/**
 * Estimates the memory of a training step on one batch. Excludes activations inside adapters and the batch of
 * the next step.
 */
export function estimateMemory(model: Transfusion, shape: BatchShape): MemoryEstimate {
  const { transformer, vocabulary, modalities } = model;
  const trunkParams = countTransformerParams(transformer, vocabulary.size, modalities.continuous.length);
  const parameters = FLOAT_BYTES * (trunkParams + countAdapterParams(model));
  const [optimizerState, ema, gradients] = [2 * parameters, parameters, parameters];
  const stateCopy = parameters + optimizerState + ema;
  const activations = FLOAT_BYTES * countActivations(model, shape);
  const transient = FLOAT_BYTES * countTransient(model, shape);
  const update = UPDATE_COPIES * parameters;
  const parts = {
    parameters,
    optimizerState,
    ema,
    stateCopy,
    gradients,
    update,
    activations,
    transient,
    runtime: RUNTIME_BYTES,
  };
  return { ...parts, total: Object.values(parts).reduce((sum, bytes) => sum + bytes, 0) };
}

/** Counts the elements that are kept for the backward pass. */
function countActivations(
  model: Transfusion,
  { numRows: B, rowLength: S, spanCapacity }: BatchShape,
): number {
  const { transformer, vocabulary, modalities } = model;
  const { modelDim: D, numLayers } = transformer;
  const elements = B * S;
  // The final norm: normalized, scaled. The loss: exponentials of the logits.
  const head = elements * (2 * D + vocabulary.size);
  const mask = attentionSize(transformer, B, S);
  const layers = numLayers * (elements * keptPerElement(transformer) + attentionSize(transformer, B, S));
  // Clean, noise, noisy, predicted and target latents; elements before and after the trunk.
  const spans = spanGroupKinds(modalities).reduce((sum, { key, latentShape, spanLength }) => {
    return sum + (spanCapacity[key] ?? 0) * (5 * sizeOf(latentShape) + 2 * spanLength * D);
  }, 0);
  return head + mask + layers + spans;
}

/** Number of attention weights of a layer: B · H · S · S. */
function attentionSize({ numHeads }: TransformerConfig, B: number, S: number): number {
  return B * numHeads * S * S;
}

/** Number of values that a layer keeps for each element, besides the attention weights. */
function keptPerElement({ modelDim: D, numHeads, numKvHeads, ffnDim: F, qkNorm }: TransformerConfig): number {
  const kvDim = (D / numHeads) * numKvHeads;
  const norms = 2 * 2 * D; // normalized, scaled; before attention and before the feed-forward layer
  const heads = D + 2 * kvDim + D; // rotated queries and keys, values, attention output
  const headNorms = qkNorm ? 2 * (D + kvDim) : 0;
  const feedForward = 4 * F; // the gate's sigmoid and SiLU, the up projection, and their product
  return norms + heads + headNorms + feedForward;
}

/**
 * Counts the elements of the larger: logits and their gradients, or the gradients of one layer's attention.
 */
function countTransient(
  { transformer, vocabulary }: Transfusion,
  { numRows: B, rowLength: S }: BatchShape,
): number {
  const loss = 2 * B * S * vocabulary.size;
  const layer =
    3 * attentionSize(transformer, B, S) + B * S * (3 * transformer.ffnDim + 3 * transformer.modelDim);
  return Math.max(loss, layer);
}

function countAdapterParams({ modalities, transformer }: Transfusion): number {
  return modalities.continuous.reduce(
    (sum, modality: ContinuousModality) =>
      sum + tf.tidy(() => countParams(checkedAdapter(modality, transformer.modelDim).init(zeroRng))),
    0,
  );
}
