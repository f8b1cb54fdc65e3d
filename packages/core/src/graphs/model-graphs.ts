/** The model as functions of tensors with named axes, for export to other runtimes. */
import * as tf from '@transfusion/tfjs';
import type { DynamicInput } from '@transfusion/tfjs-backend-onnxruntime';
import { checkedAdapter } from '@transfusion/modality';
import { embedding, linear } from '@transfusion/nn';
import { cachedTrunk, joinTrunk, type JoinedTrunk, type KeyValues } from '../generate/engine/cached-trunk.js';
import type { Transfusion, TransfusionParams } from '../model/transfusion.js';
import { spanGroupKinds, type SpanGroupKind } from '../sequence/span-groups.js';
import { TOKENS } from '../trunk/element-kinds.js';
import { HIDDEN } from '../trunk/mask.js';

/** A function of tensors; axes that are named may have any length. */
export interface ModelGraph {
  readonly name: string;
  readonly inputs: Readonly<Record<string, DynamicInput>>;
  run(inputs: Readonly<Record<string, tf.Tensor>>): Readonly<Record<string, tf.Tensor>>;
}

/** The graphs of a model. */
export interface ModelGraphs {
  readonly graphs: readonly ModelGraph[];
  /** Names of the graphs of spans, in the order of `spanGroupKinds`. */
  readonly spans: readonly (SpanGroupKind & {
    /** Turns a finished latent to hidden vectors, for `decoder`. */
    readonly embedder: string;
    /** Appends those to the cache. */
    readonly decoder: string;
    readonly denoiser: string;
  })[];
  /** Frees the weights that were joined for the graphs. */
  dispose(): void;
}

/** Names of a layer's cache, as in `transformers`' exports. */
const past = (layer: number, what: 'key' | 'value'): string => `past_key_values.${layer}.${what}`;
const present = (layer: number, what: 'key' | 'value'): string => `present.${layer}.${what}`;

/** Names of the graphs that all models have. */
const [EMBED_TOKENS, DECODER] = ['embed_tokens', 'decoder_model_merged'];

/**
 * Returns the graphs with which any runtime generates:
 *
 * - `embed_tokens`: `input_ids` [rows, length] -> `inputs_embeds` [rows, length, D]
 * - `decoder_model_merged`: `inputs_embeds` [rows, length, D], `position_ids` [rows, length], `causal_ids` [rows, length]
 *   (a new position sees the new positions of equal and smaller ids), `attention_mask` [rows, past] (1 for cached
 *   positions that are visible, 0 for others), `logits_to_keep` [read] (positions in the flattened rows),
 *   `past_key_values.<layer>.key` and `.value` [rows, KV, past, E] -> `logits` [read, V], `present.<layer>.key` and
 *   `.value` [rows, KV, past + length, E]
 * - `latent_denoiser`, for each latent shape: `latents` [rows, ...L], `timesteps` [rows], `position_ids` [rows, P],
 *   `attention_mask`, `past_key_values…` -> `output` [rows, ...L], what the model predicts
 * - `latent_embedder`: `latents` [rows, ...L], `timesteps` [rows] -> `inputs_embeds` [rows, P, D] of a span that is
 *   finished, at timestep 0
 *
 * With several latent shapes or modalities, the names of the latter two have the modality and the shape at their end. With
 * per-modality weights, each continuous modality has a decoder of its own, without logits.
 */
export function modelGraphs(model: Transfusion, params: TransfusionParams): ModelGraphs {
  const groups = spanGroupKinds(model.modalities);
  const isShared = model.transformer.weights === 'shared';
  const trunks = new Map<string, JoinedTrunk>();
  const trunkOf = (kind: string): JoinedTrunk => {
    let found = trunks.get(kind);
    if (found === undefined) trunks.set(kind, (found = joinTrunk(model, params, kind)));
    return found;
  };
  const graphs: ModelGraph[] = [
    {
      name: EMBED_TOKENS,
      inputs: { input_ids: { shape: ['rows', 'length'], dtype: 'int32' } },
      run: ({ input_ids: ids }) => ({ inputs_embeds: embedding(params.tokenEmbedding, ids) }),
    },
    decoder(model, DECODER, trunkOf(TOKENS), params),
  ];
  const spans = groups.map((group) => {
    const { name: modality } = group.modality;
    const suffix = groups.length === 1 ? '' : `_${modality}_${group.latentShape.join('x')}`;
    const trunk = trunkOf(isShared ? TOKENS : modality);
    const own = isShared ? DECODER : `${DECODER}_${modality}`;
    if (!graphs.some(({ name }) => name === own)) graphs.push(decoder(model, own, trunk));
    const [embedder, denoiser] = [`latent_embedder${suffix}`, `latent_denoiser${suffix}`];
    graphs.push(latentEmbedder(model, params, group, embedder));
    graphs.push(latentDenoiser(model, params, group, trunk, denoiser));
    return { ...group, embedder, decoder: own, denoiser };
  });
  return { graphs, spans, dispose: () => trunks.forEach(({ owned }) => tf.dispose([...owned])) };
}

/** The inputs that hold the cache. */
function cacheInputs({ transformer }: Transfusion): Record<string, DynamicInput> {
  const { modelDim, numHeads, numKvHeads, numLayers } = transformer;
  const shape = ['rows', numKvHeads, 'past', modelDim / numHeads] as const;
  const layers = Array.from({ length: numLayers }, (_, layer) => layer);
  return {
    attention_mask: { shape: ['rows', 'past'], dtype: 'int32' },
    ...Object.fromEntries(
      layers.flatMap((layer) => [
        [past(layer, 'key'), { shape }],
        [past(layer, 'value'), { shape }],
      ]),
    ),
  };
}

/** Runs the trunk on new positions behind those of the cache; `causalIds` undefined if all of them see each other. */
function runTrunk(
  { transformer }: Transfusion,
  { blocks, norm }: JoinedTrunk,
  x: tf.Tensor3D,
  tensors: Readonly<Record<string, tf.Tensor>>,
  causalIds: tf.Tensor | undefined,
): ReturnType<typeof cachedTrunk> {
  const { attention_mask: mask, position_ids: positions } = tensors;
  const [rows, length] = x.shape;
  const hiddenWhere = (condition: tf.Tensor): tf.Tensor => condition.toFloat().mul(HIDDEN);
  // [rows, 1, length, past]
  const toPast = hiddenWhere(tf.equal(mask, tf.scalar(0, 'int32')))
    .reshape([rows, 1, 1, -1])
    .add(tf.zerosLike(positions).toFloat().reshape([rows, 1, length, 1]));
  const fresh = causalIds ?? tf.zerosLike(positions);
  // [rows, 1, length, length]
  const toFresh = hiddenWhere(
    tf.less(fresh.reshape([rows, 1, length, 1]), fresh.reshape([rows, 1, 1, length])),
  );
  return cachedTrunk(blocks, norm, transformer, x, {
    positions: positions as tf.Tensor2D,
    write: (cached, news) => tf.concat([cached, news.transpose([0, 2, 1, 3])], 2) as tf.Tensor4D,
    bias: tf.concat([toPast, toFresh], 3) as tf.Tensor4D,
    cache: blocks.map((_, layer): KeyValues => {
      return {
        keys: tensors[past(layer, 'key')] as tf.Tensor4D,
        values: tensors[past(layer, 'value')] as tf.Tensor4D,
      };
    }),
  });
}

/** @param head parameters with the head of tokens; absent for a decoder without one */
function decoder(model: Transfusion, name: string, trunk: JoinedTrunk, head?: TransfusionParams): ModelGraph {
  const { modelDim: D } = model.transformer;
  return {
    name,
    inputs: {
      inputs_embeds: { shape: ['rows', 'length', D] },
      position_ids: { shape: ['rows', 'length'], dtype: 'int32' },
      causal_ids: { shape: ['rows', 'length'], dtype: 'int32' },
      ...cacheInputs(model),
      ...(head === undefined ? {} : { logits_to_keep: { shape: ['read'], dtype: 'int32' } }),
    },
    run: (tensors) => {
      const x = tensors.inputs_embeds as tf.Tensor3D;
      const { hidden, cache } = runTrunk(model, trunk, x, tensors, tensors.causal_ids);
      const outputs: Record<string, tf.Tensor> = {};
      if (head !== undefined) {
        const kept = tf.gather(hidden.reshape([-1, D]), tensors.logits_to_keep as tf.Tensor1D);
        outputs.logits = linear(head.lmHead, kept);
      }
      cache.forEach(({ keys, values }, layer) => {
        outputs[present(layer, 'key')] = keys;
        outputs[present(layer, 'value')] = values;
      });
      return outputs;
    },
  };
}

function latentInputs({ latentShape }: SpanGroupKind): Record<string, DynamicInput> {
  return { latents: { shape: ['rows', ...latentShape] }, timesteps: { shape: ['rows'] } };
}

function latentEmbedder(
  { transformer }: Transfusion,
  params: TransfusionParams,
  group: SpanGroupKind,
  name: string,
): ModelGraph {
  const { modality } = group;
  const adapter = checkedAdapter(modality, transformer.modelDim);
  const weights = params.adapters[modality.name];
  return {
    name,
    inputs: latentInputs(group),
    run: ({ latents, timesteps }) => ({
      inputs_embeds: adapter.embed(weights, latents, timesteps as tf.Tensor1D).hidden,
    }),
  };
}

function latentDenoiser(
  model: Transfusion,
  params: TransfusionParams,
  group: SpanGroupKind,
  trunk: JoinedTrunk,
  name: string,
): ModelGraph {
  const { modality, latentShape, spanLength } = group;
  const adapter = checkedAdapter(modality, model.transformer.modelDim);
  const weights = params.adapters[modality.name];
  return {
    name,
    inputs: {
      ...latentInputs(group),
      position_ids: { shape: ['rows', spanLength], dtype: 'int32' },
      ...cacheInputs(model),
    },
    run: (tensors) => {
      const { latents, timesteps, position_ids: positions } = tensors;
      const { hidden, skips } = adapter.embed(weights, latents, timesteps as tf.Tensor1D);
      const isCausal = model.config.spanAttention === 'causal';
      const { hidden: projected } = runTrunk(model, trunk, hidden, tensors, isCausal ? positions : undefined);
      return { output: adapter.project(weights, projected, timesteps as tf.Tensor1D, skips, latentShape) };
    },
  };
}
