/**
 * The contracts of a modality. Core only knows these two kinds: everything specific to text, images or sounds is in an
 * implementation of one of them.
 */
import type * as tf from '@transfusion/tfjs';
import type { NoiseScheduler } from '@transfusion/diffusion';
import type { Params, Rng } from '@transfusion/nn';
import type { Latent, Shape } from './latent.js';
import type { Media } from './media.js';
import type { Assets, PluginConfig } from './plugin-config.js';

/** A part of a model that a checkpoint can rebuild, and that may own weights. */
interface Rebuildable {
  /**
   * Written into checkpoints; a factory of its `type` rebuilds an equal part from it. Without a config, a checkpoint can
   * only be opened with its recipe.
   */
  readonly config?: PluginConfig;
  /** Returns the files that belong to `config`; absent if there are none. */
  assets?(): Promise<Assets>;
  /** Frees the weights that it owns; absent if there are none. */
  dispose?(): void;
}

interface ModalityBase<Name extends string, Value> extends Rebuildable {
  readonly specificationVersion: 'v1';
  /** Used in segments, vocabulary entries, parameter paths and checkpoints. */
  readonly name: Name;
  /** Files of its values, for data set readers, sample grids and the CLI. */
  readonly media?: Media<Value>;
  /** Returns true for values of the modality. */
  accepts(value: unknown): value is Value;
}

/** A modality of tokens, predicted one at a time. */
export interface DiscreteModality<Name extends string = string, Value = unknown> extends ModalityBase<
  Name,
  Value
> {
  readonly kind: 'discrete';
  /**
   * Identifies the meaning of ids and everything it depends on, such as a tokenizer. Stored in checkpoints, which are
   * refused for a different id. Optional if the name identifies the meaning.
   */
  readonly id?: string;
  /** Number of ids: {@link encode} returns 0 to `vocabSize` - 1. */
  readonly vocabSize: number;
  /**
   * Number of ids per value, if it is the same for all values (64 for an image of 8 × 8 codes): generation produces that
   * many. Absent if values differ in length.
   */
  readonly tokensPerValue?: number;
  /** Encodes a value to ids; asynchronous if it runs a network, as for images. */
  encode(value: Value): Int32Array | Promise<Int32Array>;
  /**
   * Decodes ids, the inverse of {@link encode}. Must accept ids that end in the middle of a value: an incomplete
   * character is dropped, an incomplete image filled up.
   */
  decode(ids: Int32Array): Value | Promise<Value>;
}

/** A modality of latents, denoised one span at a time. */
export interface ContinuousModality<Name extends string = string, Value = unknown> extends ModalityBase<
  Name,
  Value
> {
  readonly kind: 'continuous';
  /** Encodes values to latents and decodes them; frozen. */
  readonly codec: LatentCodec<Value>;
  /** Noises latents in training, and denoises them in sampling. */
  readonly diffusion: NoiseScheduler;
  /** λ: weight of the diffusion loss relative to the language-model loss; 5 in the paper. */
  readonly lossWeight: number;
  /** Shapes of its latents; each has its own begin marker, so that a model can choose the shape. */
  readonly latentShapes: readonly Shape[];
  /** Returns the number of positions that a latent takes in the sequence. Packing calls it, so it must not need weights. */
  spanLength(latentShape: Shape): number;
  /** Creates the adapter between latents and the transformer's hidden vectors; it is trained with the transformer. */
  createAdapter(modelDim: number): LatentAdapter;
}

/** Any modality. */
export type Modality = DiscreteModality | ContinuousModality;

/** Encodes values to latents and decodes them; frozen during training (a VAE, a spectrogram, or the identity). */
export interface LatentCodec<Value> extends Rebuildable {
  /** Identifies the codec and everything its output depends on: cached latents are tied to it. */
  readonly id: string;
  /** Encodes each value to one latent, of one of the modality's `latentShapes`. */
  encode(values: readonly Value[]): Promise<readonly Latent[]>;
  /** Decodes each latent to one value. */
  decode(latents: readonly Latent[]): Promise<readonly Value[]>;
  /**
   * Returns a rough value of each latent, possibly smaller than that of {@link decode}: for an image, one of the latent's
   * grid. Runs no network and does not change the latents, so that each denoising step can show its predicted sample.
   * Absent if the codec has none.
   */
  preview?(latents: readonly Latent[]): readonly Value[];
  /** Its arithmetic, for export to other runtimes; absent for a codec that is not made of tensor operations. */
  readonly functions?: CodecFunctions;
}

/** A codec's arithmetic as functions of tensors. */
export interface CodecFunctions {
  /** Returns the shape of a value as a tensor; for an image its pixels, [height, width, 3] from -1 to 1. */
  valueShape(latentShape: Shape): Shape;
  /** Encodes values: [N, ...value shape] -> [N, ...latent shape]. */
  encode(values: tf.Tensor): tf.Tensor;
  /** Decodes latents: [N, ...latent shape] -> [N, ...value shape]. */
  decode(latents: tf.Tensor): tf.Tensor;
}

/** Skip connections around the transformer, from {@link LatentAdapter.embed} to {@link LatentAdapter.project} (a U-Net's). */
export type AdapterSkips = readonly tf.Tensor[];

/** Pure functions of a parameter tree. `N` spans, `L` a latent's shape, `P` its span length, `D` model width. */
export interface LatentAdapter {
  /** Returns initial parameters; they must not depend on the latent's shape. */
  init(rng: Rng): Params;
  /**
   * Maps noisy latents [N, ...L] at timesteps [N] to hidden vectors [N, P, D]. At initialization these should be much
   * smaller than 1, like token embeddings (weights with standard deviation 0.02): otherwise the transformer learns slowly
   * at first.
   */
  embed(
    params: Params,
    noisyLatents: tf.Tensor,
    timesteps: tf.Tensor1D,
  ): { readonly hidden: tf.Tensor3D; readonly skips: AdapterSkips };
  /** Maps hidden vectors [N, P, D] to the diffusion model's output [N, ...L]. */
  project(
    params: Params,
    hidden: tf.Tensor3D,
    timesteps: tf.Tensor1D,
    skips: AdapterSkips,
    latentShape: Shape,
  ): tf.Tensor;
  /** Returns the number of floating-point operations of `embed` and `project` for one latent of this shape. */
  flops(latentShape: Shape): number;
}

/** The values of a modality. */
export type ValueOf<M> =
  M extends DiscreteModality<string, infer V> ? V : M extends ContinuousModality<string, infer V> ? V : never;
