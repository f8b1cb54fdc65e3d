/** A recipe: the complete configuration of a run as one value. */
import type {
  BatchShape,
  LoraConfig,
  TransformerConfig,
  TransformerOptions,
  TransformerPresetName,
} from '@transfusion/core';
import type { MixturePart } from '@transfusion/data';
import type { ModalityRegistry, Segment, Shape } from '@transfusion/modality';
import type { EvaluatorRun } from './evaluate/evaluate-model.js';

/** Reports progress of data preparation, and can cancel it. */
export interface Preparation {
  /** Called as records of `what` are prepared, such as when latents are cached. */
  onProgress?(what: string, done: number, total: number): void;
  /** Aborting it makes the preparation throw the signal's reason; finished work is kept. */
  readonly signal?: AbortSignal;
}

/** Opens the data of a run; called when the run starts, not when the recipe is created. */
export type OpenSources = (
  preparation?: Preparation,
) => readonly MixturePart[] | Promise<readonly MixturePart[]>;

/** Settings of AdamW, the learning-rate schedule (linear warmup, then cosine decay), gradient clipping and the EMA. */
export interface RecipeOptimizer {
  /** Peak learning rate; defaults to 3e-4. */
  readonly learningRate: number;
  /** Final learning rate; defaults to 5 % of the peak. */
  readonly finalLearningRate: number;
  /** Defaults to 4000, or to a twentieth of `totalSteps` if that is less. */
  readonly warmupSteps: number;
  /** Defaults to 0.9. */
  readonly beta1: number;
  /** Defaults to 0.95. */
  readonly beta2: number;
  /** Defaults to 1e-8. */
  readonly epsilon: number;
  /** Defaults to 0.1. */
  readonly weightDecay: number;
  /** Maximum global norm of the gradient; defaults to 1. */
  readonly clipNorm: number;
  /** Defaults to 0.999. */
  readonly emaDecay: number;
}

/** A sample to generate during training, for visual inspection. */
export interface SampleRequest {
  /** The beginning of the document. */
  readonly prompt: readonly Segment[];
  /** A span to generate next; if absent, the model decides. */
  readonly firstSpan?: { readonly modality: string; readonly latentShape?: Shape };
  /** Maximum number of generated tokens; defaults to 0 with `firstSpan`, else to 64. */
  readonly maxTokens?: number;
}

/** An evaluator, and when it runs. */
export interface RecipeEvaluator extends EvaluatorRun {
  /** Steps between evaluations; the last step always has one. */
  readonly every: number;
}

/** The trained model that a new run starts from. */
export interface RecipeInit {
  /**
   * Folder of a run (its newest checkpoint), a checkpoint or an export. The recipe may have more modalities and latent
   * shapes than its model: every id and weight is kept, and only what is new is initialized.
   */
  readonly from: string;
  /** Accepts codecs that differ from the recipe's, as they do for more latent shapes; defaults to false. */
  readonly otherCodecs?: boolean;
}

/** Options of {@link defineRecipe}. Where the paper states a value, it is the default. */
export interface RecipeOptions {
  readonly name: string;
  /** Seeds the initial parameters, the order of the data and all noise; defaults to 0. */
  readonly seed?: number;
  readonly modalities: ModalityRegistry;
  /** Name of a preset, or a config. */
  readonly transformer: TransformerPresetName | TransformerOptions;
  /** Defaults to `bidirectional`. */
  readonly spanAttention?: 'bidirectional' | 'causal';
  /** A trained model to start from; by default all parameters are initialized at random. */
  readonly init?: RecipeInit;
  /** Paths of parts whose parameters are not trained: `['trunk', 'adapters.image']`; defaults to none. */
  readonly freeze?: readonly string[];
  /**
   * Trains low-rank updates of the trunk in place of the trunk, which is frozen; `alpha` defaults to `rank`, `targets` to
   * queries and values. Requires a model to start from.
   */
  readonly lora?: Pick<LoraConfig, 'rank'> & Partial<LoraConfig>;
  readonly sources: OpenSources;
  /** The validation set, for `evaluation`. */
  readonly validation?: OpenSources;
  readonly batch: {
    readonly numRows: number;
    readonly rowLength: number;
    /**
     * Number of slots for spans, by group (`image:32x32x3`); defaults to what the rows can hold. If that would cost more
     * than a tenth of a step, the latent shapes of a modality share twice the slots of one.
     */
    readonly spanCapacity?: Readonly<Record<string, number>>;
    /** Number of batches whose gradients are accumulated for each step; defaults to 1. */
    readonly microBatches?: number;
  };
  /**
   * Maximum timestep of a span that precedes its caption, as a fraction (above 0) of all timesteps; defaults to 0.5. 1
   * disables the limit.
   */
  readonly captionNoiseLimit?: number;
  readonly optimizer?: Partial<RecipeOptimizer>;
  readonly totalSteps: number;
  readonly checkpoints?: {
    /** Steps between checkpoints; defaults to 500. */
    readonly every?: number;
    /** Number of checkpoints kept; defaults to 3. */
    readonly keep?: number;
  };
  /** Stops at an unusable record instead of skipping it; defaults to false. */
  readonly strict?: boolean;
  readonly evaluation?: {
    /** Steps between evaluations. */
    readonly every: number;
    /** Number of batches from the validation set; defaults to 4. */
    readonly batches?: number;
  };
  readonly samples?: {
    /** Steps between samples. */
    readonly every: number;
    readonly requests: readonly SampleRequest[];
    /** Scale of classifier-free guidance; 1 disables it. Defaults to 3. */
    readonly guidanceScale?: number;
    /** Number of denoising steps; defaults to 250. */
    readonly numInferenceSteps?: number;
  };
  /**
   * Evaluators of the EMA of the parameters, each with a name of its own; defaults to none. Their metrics are logged as
   * `<evaluator>/<metric>`, and their results are in the run's `evaluations/`.
   */
  readonly evaluators?: readonly RecipeEvaluator[];
}

/** A checked recipe with all defaults filled in; created by {@link defineRecipe}. */
export interface Recipe {
  readonly kind: 'transfusion';
  readonly name: string;
  readonly seed: number;
  readonly modalities: ModalityRegistry;
  readonly transformer: TransformerConfig;
  readonly spanAttention: 'bidirectional' | 'causal';
  readonly init?: RecipeInit;
  readonly freeze: readonly string[];
  readonly lora?: LoraConfig;
  readonly sources: OpenSources;
  readonly validation?: OpenSources;
  readonly batch: BatchShape & { readonly microBatches: number };
  readonly captionNoiseLimit: number;
  readonly optimizer: RecipeOptimizer;
  readonly totalSteps: number;
  readonly checkpoints: { readonly every: number; readonly keep: number };
  readonly strict: boolean;
  readonly evaluation?: { readonly every: number; readonly batches: number };
  readonly samples?: {
    readonly every: number;
    readonly requests: readonly SampleRequest[];
    readonly guidanceScale: number;
    readonly numInferenceSteps: number;
  };
  readonly evaluators: readonly RecipeEvaluator[];
}
