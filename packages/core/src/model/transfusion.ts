/**
 * The Transfusion model (Zhou et al. 2024): one transformer over tokens and spans of noisy latents. Tokens
 * are embedded, and latents pass through their modality's adapter. Attention over the joint sequence is
 * causal, but bidirectional within each span. The outputs are logits for tokens and the diffusion output for
 * spans.
 */
import * as tf from '@transfusion/tfjs';
import { invariant, TransfusionError } from '@transfusion/errors';
import { crossEntropy, diffusionLoss, jointLoss } from '@transfusion/losses';
import {
  checkedAdapter,
  checkedScheduler,
  createVocabulary,
  type Assets,
  type ContinuousModality,
  type LatentAdapter,
  type Modality,
  type ModalityRegistry,
  type Vocabulary,
} from '@transfusion/modality';
import {
  initEmbedding,
  initLinear,
  linear,
  type EmbeddingParams,
  type LinearParams,
  type Params,
  type Rng,
} from '@transfusion/nn';
import type { ModelInputs } from '../sequence/model-inputs.js';
import { spanGroupKinds, type SpanGroupKind } from '../sequence/span-groups.js';
import {
  batchSizes,
  batchTensors,
  lossCounts,
  type BatchArrays,
  type TrainingBatch,
} from '../sequence/training-targets.js';
import { checkTransformerConfig, type TransformerConfig } from '../trunk/config.js';
import type { ElementKinds } from '../trunk/element-kinds.js';
import {
  initLora,
  lora as completeLora,
  withLora,
  type LoraConfig,
  type TrunkLoraParams,
} from '../trunk/lora.js';
import { attentionBias } from '../trunk/mask.js';
import { initTrunk, trunk, type TrunkParams } from '../trunk/trunk.js';
import { modelAssets, modelConfig, type ModelConfig } from './model-config.js';

/** Options of {@link createTransfusion}. */
export interface TransfusionOptions<M extends Modality = Modality> {
  readonly transformer: TransformerConfig;
  readonly modalities: ModalityRegistry<M>;
  /** A checkpoint's vocabulary; by default it is created from the modalities. */
  readonly vocabulary?: Vocabulary;
  /**
   * Defaults to `bidirectional`; with `causal`, elements of a span do not attend to later ones (the paper's
   * ablation).
   */
  readonly spanAttention?: 'bidirectional' | 'causal';
  /** Low-rank updates of the trunk, for training with the trunk frozen; by default there are none. */
  readonly lora?: LoraConfig;
}

/** All trained parameters. Their dotted paths are the tensor names in checkpoints. */
export type TransfusionParams = {
  readonly tokenEmbedding: EmbeddingParams;
  readonly trunk: TrunkParams;
  readonly lmHead: LinearParams;
  /** By modality. */
  readonly adapters: { readonly [modality: string]: Params };
  /** Low-rank updates of the trunk, of a model with `lora`. */
  readonly lora?: TrunkLoraParams;
};

/** The model's outputs for a batch. */
export interface TransfusionOutputs {
  /** [B, S, V], or [R, V] with `readPositions`. */
  readonly logits: tf.Tensor;
  /** Diffusion output for each span [N, ...L], by group. */
  readonly spanOutputs: { readonly [key: string]: tf.Tensor };
}

/** The model as pure functions over its parameters. */
export interface Transfusion<M extends Modality = Modality> {
  readonly transformer: TransformerConfig;
  readonly modalities: ModalityRegistry<M>;
  readonly vocabulary: Vocabulary;
  /** Config of the model, stored in its checkpoints. */
  readonly config: ModelConfig;
  /** Returns the trunk, with its low-rank updates if it has them. */
  trunkOf(params: TransfusionParams): TrunkParams;
  /** Returns the modalities' files that belong to their `config`: `modalities/<name>/<file>` -> bytes. */
  assets(): Promise<Assets>;
  /**
   * Initializes parameters. Each part has its own random stream, so adding a modality does not change the
   * others.
   */
  init(rng: Rng): TransfusionParams;
  /**
   * Runs the forward pass.
   *
   * @param readPositions int32 [R]: positions in the flattened rows to compute logits for; defaults to all
   */
  forward(params: TransfusionParams, inputs: ModelInputs, readPositions?: tf.Tensor1D): TransfusionOutputs;
  /**
   * Computes L_LM + Σ λ · L_diffusion, each part as a mean over `batch.counts`. `aux` has the unnormalized
   * sum of each part: `tokens`, and each continuous modality by name.
   */
  loss(params: TransfusionParams, batch: TrainingBatch): { loss: tf.Scalar; aux: Record<string, tf.Scalar> };
  /** Computes the divisors of the loss sums, over all micro-batches of a step together. */
  lossCounts(batches: readonly BatchArrays[]): Record<string, number>;
  /**
   * Uploads a batch; the caller disposes of its tensors.
   *
   * @param counts `lossCounts` of all micro-batches of the step; defaults to those of this batch
   */
  batchTensors(batch: BatchArrays, counts?: Readonly<Record<string, number>>): TrainingBatch;
  /**
   * Counts the documents and elements of batches; `fill` is the fraction of positions that hold an element.
   */
  batchSizes(batches: readonly BatchArrays[]): {
    readonly documents: number;
    readonly elements: number;
    readonly fill: number;
  };
}

/**
 * Creates a model from a transformer config and a registry of modalities.
 *
 * @throws TransfusionError `invalid-argument` for an incomplete or inconsistent config, or anything but a registry
 */
export function createTransfusion<M extends Modality>(options: TransfusionOptions<M>): Transfusion<M> {
  const { transformer, spanAttention = 'bidirectional', lora } = options;
  checkOptions(options);
  const modalities = options.modalities as unknown as ModalityRegistry;
  const vocabulary = options.vocabulary ?? createVocabulary(modalities);
  const { modelDim: D } = transformer;
  const adapters = new Map<string, LatentAdapter>(
    modalities.continuous.map((modality: ContinuousModality) => [modality.name, checkedAdapter(modality, D)]),
  );
  const groupKinds = spanGroupKinds(modalities);
  // λ of each part of the loss.
  const lossWeights: Record<string, number> = { tokens: 1 };
  for (const { name, lossWeight } of modalities.continuous) lossWeights[name] = lossWeight;

  const init = (rng: Rng): TransfusionParams => ({
    tokenEmbedding: initEmbedding(rng.fork('tokenEmbedding'), vocabulary.size, D),
    trunk: initTrunk(rng.fork('trunk'), transformer, [...adapters.keys()]),
    lmHead: initLinear(rng.fork('lmHead'), D, vocabulary.size, { stddev: 0.02 }),
    adapters: Object.fromEntries(
      [...adapters].map(([name, adapter]) => [name, adapter.init(rng.fork(`adapter ${name}`))]),
    ),
    ...(lora === undefined ? {} : { lora: initLora(rng.fork('lora'), transformer, lora) }),
  });

  const trunkOf = (params: TransfusionParams): TrunkParams =>
    lora === undefined || params.lora === undefined
      ? params.trunk
      : withLora(params.trunk, params.lora, lora);

  const forward = (
    params: TransfusionParams,
    inputs: ModelInputs,
    readPositions?: tf.Tensor1D,
  ): TransfusionOutputs => {
    const [B, S] = inputs.sources.shape;
    const present = groupKinds.filter(({ key }) => inputs.groups[key] !== undefined);
    const embedded = present.map(({ key, modality }) => {
      const { noisyLatents, timesteps } = inputs.groups[key];
      return adapterOf(adapters, modality).embed(params.adapters[modality.name], noisyLatents, timesteps);
    });
    const elements = embedded.map(({ hidden }) => hidden.reshape([-1, D]));
    const table = tf.concat([params.tokenEmbedding.weight, ...elements]); // [V + Σ N·P, D]
    const x = tf.gather(table, inputs.sources.reshape([-1]) as tf.Tensor1D).reshape([B, S, D]) as tf.Tensor3D;
    const hidden = trunk(trunkOf(params), transformer, x, {
      positions: inputs.positions,
      bias: attentionBias(inputs.documentIds, inputs.spanIds, spanAttention),
      kinds: transformer.weights === 'shared' ? undefined : elementKinds(inputs, present, vocabulary.size),
    });
    const flat = hidden.reshape([B * S, D]);
    const spanOutputs = present.map(({ key, modality, latentShape, spanLength }, i) => {
      const { positions, timesteps } = inputs.groups[key];
      const spans = tf.gather(flat, positions).reshape([-1, spanLength, D]) as tf.Tensor3D;
      const output = adapterOf(adapters, modality).project(
        params.adapters[modality.name],
        spans,
        timesteps,
        embedded[i].skips,
        latentShape,
      );
      return [key, output] as const;
    });
    const read = readPositions === undefined ? hidden : tf.gather(flat, readPositions);
    return {
      logits: linear(params.lmHead, read),
      spanOutputs: Object.fromEntries(spanOutputs),
    };
  };

  const loss: Transfusion['loss'] = (params, batch) => {
    const present = groupKinds.filter(({ key }) => batch.groups[key] !== undefined);
    const groups = Object.fromEntries(
      present.map(({ key, modality }) => {
        const { latents, noise, timesteps, positions } = batch.groups[key];
        const noisyLatents = checkedScheduler(modality).addNoise(latents, noise, timesteps);
        return [key, { noisyLatents, timesteps, positions }];
      }),
    );
    const { logits, spanOutputs } = forward(params, { ...batch.inputs, groups });
    const sums: Record<string, tf.Scalar> = {
      tokens: crossEntropy(
        logits.reshape([-1, vocabulary.size]) as tf.Tensor2D,
        batch.targets.reshape([-1]) as tf.Tensor1D,
        batch.tokenWeights.reshape([-1]) as tf.Tensor1D,
      ),
    };
    for (const { key, modality } of present) {
      const { latents, noise, timesteps, weights } = batch.groups[key];
      const target = checkedScheduler(modality).target(latents, noise, timesteps);
      const sum = diffusionLoss(spanOutputs[key], target, weights);
      sums[modality.name] = sums[modality.name] === undefined ? sum : sums[modality.name].add(sum);
    }
    const parts = Object.entries(sums).map(([name, sum]) => {
      return { sum, count: batch.counts[name], weight: lossWeights[name] };
    });
    return { loss: jointLoss(parts), aux: sums };
  };

  return {
    transformer,
    modalities: options.modalities,
    vocabulary,
    config: modelConfig({ transformer, spanAttention, lora }, vocabulary, modalities.modalities),
    assets: () => modelAssets(modalities.modalities),
    init,
    trunkOf,
    forward,
    loss,
    lossCounts,
    batchTensors,
    batchSizes,
  };
}

function adapterOf(adapters: Map<string, LatentAdapter>, { name }: ContinuousModality): LatentAdapter {
  const adapter = adapters.get(name);
  invariant(adapter !== undefined, () => `no adapter for ${name}`);
  return adapter;
}

/**
 * Translates `inputs.sources`, where span elements are numbered from V (after the token embeddings), to the
 * results of all kinds, where they are numbered from B · S.
 */
function elementKinds(
  inputs: ModelInputs,
  present: readonly SpanGroupKind[],
  vocabSize: number,
): ElementKinds {
  const sources = inputs.sources.reshape([-1]) as tf.Tensor1D;
  const size = sources.shape[0];
  const isSpan = sources.greaterEqual(tf.scalar(vocabSize, 'int32'));
  const inResults = sources.add(tf.scalar(size - vocabSize, 'int32'));
  return {
    groups: present.map(({ key, modality }) => ({
      kind: modality.name,
      positions: inputs.groups[key].positions,
    })),
    sources: tf.where(isSpan, inResults, tf.range(0, size, 1, 'int32')) as tf.Tensor1D,
  };
}

function checkOptions({
  transformer,
  modalities,
  lora,
}: {
  readonly transformer: TransformerConfig;
  readonly modalities: unknown;
  readonly lora?: LoraConfig;
}): void {
  checkTransformerConfig(
    transformer,
    (problem) =>
      `createTransfusion: transformer.${problem}. Complete the config with transformerConfig(), or take a preset.`,
  );
  if (lora !== undefined) checkLora(lora, transformer);
  if (typeof (modalities as Partial<ModalityRegistry> | undefined)?.get === 'function') return;
  throw new TransfusionError(
    'invalid-argument',
    `createTransfusion: modalities is ${Array.isArray(modalities) ? 'an array' : String(modalities)}, expected a ` +
      'registry. Pass createModalityRegistry(text(), …).',
  );
}

function checkLora(config: LoraConfig, { weights }: TransformerConfig): void {
  completeLora(config);
  if (weights === 'shared') return;
  throw new TransfusionError(
    'invalid-argument',
    `createTransfusion: lora is set, and transformer.weights is '${weights}', expected 'shared'. Omit lora.`,
  );
}
