/**
 * The transformer: Llama's pre-norm blocks (RMSNorm, rotary attention, SwiGLU; no biases). Unlike Llama, it
 * takes hidden vectors instead of tokens and an explicit mask; with `weights: 'per-modality'` each kind of
 * element has its own norms, projections and feed-forward layer.
 */
import type * as tf from '@transfusion/tfjs';
import {
  initRmsNorm,
  initSwiGlu,
  linear,
  rmsNorm,
  swiGlu,
  type RmsNormParams,
  type Rng,
  type SwiGluParams,
} from '@transfusion/nn';
import { attend, initAttention, projectHeads, type AttentionParams } from './attention.js';
import type { TransformerConfig } from './config.js';
import { applyByKind, TOKENS, type ElementKinds } from './element-kinds.js';
import { rotations } from './rope.js';

/** Parameters of a layer for one kind of element. */
export type BlockParams = {
  readonly attentionNorm: RmsNormParams;
  readonly attention: AttentionParams;
  readonly ffnNorm: RmsNormParams;
  readonly ffn: SwiGluParams;
};

/** Blocks of each layer by kind of element; with shared weights, the only kind is `tokens`. */
export type TrunkParams = {
  readonly layers: readonly { readonly [kind: string]: BlockParams }[];
  readonly norm: { readonly [kind: string]: RmsNormParams };
};

/** Inputs of the trunk besides hidden vectors. */
export interface TrunkInputs {
  /** Position of each element in its document, int32 [B, S]. */
  readonly positions: tf.Tensor2D;
  /** [B, 1, S, S], from `attentionBias`. */
  readonly bias: tf.Tensor4D;
  /** Kinds of the elements; absent with shared weights. */
  readonly kinds?: ElementKinds;
}

/**
 * Initializes the parameters of the trunk.
 *
 * @param kinds continuous modalities with their own weights; ignored with shared weights
 */
export function initTrunk(rng: Rng, config: TransformerConfig, kinds: readonly string[]): TrunkParams {
  const allKinds = config.weights === 'shared' ? [TOKENS] : [TOKENS, ...kinds];
  const byKind = <T>(create: (kind: string) => T): Record<string, T> =>
    Object.fromEntries(allKinds.map((kind) => [kind, create(kind)]));
  return {
    layers: Array.from({ length: config.numLayers }, (_, layer) =>
      byKind((kind) => initBlock(rng.fork(`layer ${layer} ${kind}`), config)),
    ),
    norm: byKind(() => initRmsNorm(config.modelDim)),
  };
}

function initBlock(rng: Rng, config: TransformerConfig): BlockParams {
  const { modelDim: D, ffnDim: F, numLayers } = config;
  const downStddev = 0.02 / Math.sqrt(2 * numLayers);
  return {
    attentionNorm: initRmsNorm(D),
    attention: initAttention(rng.fork('attention'), config),
    ffnNorm: initRmsNorm(D),
    ffn: initSwiGlu(rng.fork('ffn'), D, F, { stddev: 0.02, downStddev }),
  };
}

/**
 * Runs the transformer: hidden vectors [B, S, D] -> [B, S, D], with the final norm.
 */
export function trunk(
  params: TrunkParams,
  config: TransformerConfig,
  x: tf.Tensor3D,
  { positions, bias, kinds }: TrunkInputs,
): tf.Tensor3D {
  const epsilon = config.rmsNormEpsilon;
  const rotation = rotations(positions, config.modelDim / config.numHeads, config.ropeTheta);
  // Tiled once for all layers: an addition that broadcasts over heads takes twice as long.
  const headBias = bias.tile([1, config.numHeads, 1, 1]) as tf.Tensor4D;
  for (const blocks of params.layers) {
    const [query, key, value] = applyByKind(blocks, kinds, x, (block, elements) => {
      const normed = rmsNorm(block.attentionNorm, elements, epsilon) as tf.Tensor3D;
      const heads = projectHeads(block.attention, config, normed);
      return [heads.query, heads.key, heads.value];
    });
    const output = attend({ query, key, value }, rotation, headBias);
    const [attention] = applyByKind(blocks, kinds, output, (block, elements) => [
      linear(block.attention.out, elements),
    ]);
    x = x.add(attention);
    const [feedForward] = applyByKind(blocks, kinds, x, (block, elements) => [
      swiGlu(block.ffn, rmsNorm(block.ffnNorm, elements, epsilon)),
    ]);
    x = x.add(feedForward);
  }
  const [hidden] = applyByKind(params.norm, kinds, x, (norm, elements) => [rmsNorm(norm, elements, epsilon)]);
  return hidden as tf.Tensor3D;
}
