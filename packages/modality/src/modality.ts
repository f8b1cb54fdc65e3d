/**
 * The contracts of a modality. Core knows the two kinds and nothing else: everything that knows what a text, an
 * image or a sound is lives behind one of these.
 */
import type * as tf from '@tensorflow/tfjs';
import type { NoiseScheduler } from '@transfusion/diffusion';
import type { Params, Rng } from '@transfusion/nn';
import type { Latent, Shape } from './latent.js';
import type { Media } from './media.js';
import type { Assets, PluginConfig } from './plugin-config.js';

/** A part of a model that checkpoints describe, and that may own weights. */
interface Rebuildable {
  /**
   * Written into checkpoints; a factory of its `type` makes an equal one from it. Without it a checkpoint can only be
   * opened with a recipe.
   */
  readonly config?: PluginConfig;
  /** The files that belong to `config`; absent if there are none. */
  assets?(): Promise<Assets>;
  /** Frees the weights that it owns; absent if there are none. */
  dispose?(): void;
}

interface ModalityBase<Name extends string, Value> extends Rebuildable {
  readonly specificationVersion: 'v1';
  /** Names segments, vocabulary entries and parameters, and is written into checkpoints. */
  readonly name: Name;
  /** Files of its values: with it, readers, sample grids and the command line take and write them. */
  readonly media?: Media<Value>;
  /** Returns true for values of the modality; documents are checked with it. */
  accepts(value: unknown): value is Value;
}

/** A modality of tokens, predicted one at a time. */
export interface DiscreteModality<Name extends string = string, Value = unknown> extends ModalityBase<
  Name,
  Value
> {
  readonly kind: 'discrete';
  /**
   * Identifies the meaning of ids and all that it depends on (a tokenizer, say), as a codec's `id` does: checkpoints
   * hold it, and are not used with another. Not needed where the name is enough.
   */
  readonly id?: string;
  /** Number of ids that {@link encode} may give: 0 to `vocabSize` - 1. */
  readonly vocabSize: number;
  /**
   * Number of ids of every value, where all have equally many (64 for an image of 8 × 8 codes): generation writes
   * that many. Absent where values differ in length.
   */
  readonly tokensPerValue?: number;
  /** Returns a promise where it takes a network, as for images. */
  encode(value: Value): Int32Array | Promise<Int32Array>;
  /**
   * Inverts {@link encode}. Ids that end in the middle of a value are no mistake: half a character is left out, half
   * an image filled up.
   */
  decode(ids: Int32Array): Value | Promise<Value>;
}

/** A modality of latents, denoised together span by span. */
export interface ContinuousModality<Name extends string = string, Value = unknown> extends ModalityBase<
  Name,
  Value
> {
  readonly kind: 'continuous';
  /** Turns values into latents and back; frozen. */
  readonly codec: LatentCodec<Value>;
  /** Noises latents in training, and samples them. */
  readonly diffusion: NoiseScheduler;
  /** λ: weight of the diffusion loss against the language-model loss; 5 in the paper. */
  readonly lossWeight: number;
  /** Shapes of its latents; each has a begin marker of its own, so that a model can choose. */
  readonly latentShapes: readonly Shape[];
  /** Number of positions that a latent takes in the sequence. Needs no weights, so that packing does not. */
  spanLength(latentShape: Shape): number;
  /** Makes the adapter between latents and the transformer's hidden vectors; trained with it. */
  createAdapter(modelDim: number): LatentAdapter;
}

/** Any modality. */
export type Modality = DiscreteModality | ContinuousModality;

/** Turns values into latents and back; frozen while the transformer trains (a VAE, a spectrogram, nothing). */
export interface LatentCodec<Value> extends Rebuildable {
  /** Identifies the codec and all that its output depends on: cached latents are found by it. */
  readonly id: string;
  /** Returns one latent for each value, of one of the modality's `latentShapes`. */
  encode(values: readonly Value[]): Promise<readonly Latent[]>;
  decode(latents: readonly Latent[]): Promise<readonly Value[]>;
}

/** Tensors that {@link LatentAdapter.embed} hands to {@link LatentAdapter.project} past the transformer (a U-Net's). */
export type AdapterSkips = readonly tf.Tensor[];

/** Pure functions over a parameter tree. `N` spans, `L` a latent's shape, `P` its span length, `D` model width. */
export interface LatentAdapter {
  /** Returns initial parameters; they must not depend on the latent's shape. */
  init(rng: Rng): Params;
  /**
   * Maps noisy latents [N, ...L] at timesteps [N] to hidden vectors [N, P, D]. These should be far smaller than 1 at first
   * (weights of standard deviation 0.02, say), as embeddings of tokens are: else the transformer learns late.
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
  /** Counts the floating-point operations of `embed` and `project` together for one latent of this shape. */
  flops(latentShape: Shape): number;
}

/** The values of a modality. */
export type ValueOf<M> =
  M extends DiscreteModality<string, infer V> ? V : M extends ContinuousModality<string, infer V> ? V : never;
