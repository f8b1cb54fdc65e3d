/**
 * What a modality is to the model. Core knows the two kinds and nothing else: everything that knows
 * what a text, an image or a sound is lives behind one of these.
 */
import type * as tf from '@tensorflow/tfjs';
import type { NoiseScheduler } from '@transfusion/diffusion';
import type { Params, Rng } from '@transfusion/nn';
import type { Latent, Shape } from './latent.js';

interface ModalityBase<Name extends string> {
  readonly specificationVersion: 'v1';
  /** Names segments, vocabulary entries and parameters, and is written into checkpoints. */
  readonly name: Name;
}

/** A modality of tokens, predicted one at a time. */
export interface DiscreteModality<Name extends string = string, Value = unknown> extends ModalityBase<Name> {
  readonly kind: 'discrete';
  /**
   * Names what ids stand for, and all that it depends on (a tokenizer, say), as a codec's `id` does:
   * checkpoints hold it, and are not used with another. Not needed where the name says it all.
   */
  readonly id?: string;
  /** How many ids {@link encode} may give: 0 to `vocabSize` - 1. */
  readonly vocabSize: number;
  /** Whether this is a value of the modality; documents are checked with it. */
  accepts(value: unknown): value is Value;
  /** A promise where it takes a network, as images do. */
  encode(value: Value): Int32Array | Promise<Int32Array>;
  /**
   * The inverse of {@link encode}. Ids that end in the middle of a value are no mistake: half a character is left
   * out, half an image filled up.
   */
  decode(ids: Int32Array): Value | Promise<Value>;
}

/** A modality of latents, denoised together span by span. */
export interface ContinuousModality<
  Name extends string = string,
  Value = unknown,
> extends ModalityBase<Name> {
  readonly kind: 'continuous';
  /** Whether this is a value of the modality; documents are checked with it. */
  accepts(value: unknown): value is Value;
  /** Between values and latents; not trained here. */
  readonly codec: LatentCodec<Value>;
  /** How latents are noised in training, and sampled. */
  readonly diffusion: NoiseScheduler;
  /** λ: how much the diffusion loss counts beside the language-model loss; 5 in the paper. */
  readonly lossWeight: number;
  /** The shapes its latents may have; each has a begin marker of its own, so that a model can choose. */
  readonly latentShapes: readonly Shape[];
  /** How many positions of the sequence a latent takes. Needs no weights, so that packing does not. */
  spanLength(latentShape: Shape): number;
  /** Between latents and the transformer's hidden vectors; trained with it. */
  createAdapter(modelDim: number): LatentAdapter;
}

/** Any modality. */
export type Modality = DiscreteModality | ContinuousModality;

/** Turns values into latents and back; frozen while the transformer trains (a VAE, a spectrogram, nothing). */
export interface LatentCodec<Value> {
  /** Names the codec and all that its output depends on: cached latents are found by it. */
  readonly id: string;
  /** One latent for each value, of one of the modality's `latentShapes`. */
  encode(values: readonly Value[]): Promise<readonly Latent[]>;
  decode(latents: readonly Latent[]): Promise<readonly Value[]>;
}

/** What {@link LatentAdapter.embed} hands to {@link LatentAdapter.project} past the transformer (a U-Net's skips). */
export type AdapterSkips = readonly tf.Tensor[];

/** Pure functions over a parameter tree. `N` spans, `L` a latent's shape, `P` its span length, `D` model width. */
export interface LatentAdapter {
  /** Parameters; they must not depend on the latent's shape. */
  init(rng: Rng): Params;
  /**
   * Noisy latents [N, ...L] at timesteps [N] -> hidden vectors [N, P, D]. These should be far smaller than 1 at first
   * (weights of standard deviation 0.02, say), as embeddings of tokens are: else the transformer learns late.
   */
  embed(
    params: Params,
    noisyLatents: tf.Tensor,
    timesteps: tf.Tensor1D,
  ): { readonly hidden: tf.Tensor3D; readonly skips: AdapterSkips };
  /** Hidden vectors [N, P, D] -> the diffusion model's output [N, ...L]. */
  project(
    params: Params,
    hidden: tf.Tensor3D,
    timesteps: tf.Tensor1D,
    skips: AdapterSkips,
    latentShape: Shape,
  ): tf.Tensor;
  /** Floating-point operations of `embed` and `project` together for one latent of this shape. */
  flops(latentShape: Shape): number;
}

/** The values a modality takes. */
export type ValueOf<M> =
  M extends DiscreteModality<string, infer V> ? V : M extends ContinuousModality<string, infer V> ? V : never;
