/** A recipe: the whole configuration of a run as one value. */
import type {
  BatchShape,
  TransformerConfig,
  TransformerOptions,
  TransformerPresetName,
} from '@transfusion/core';
import type { MixturePart } from '@transfusion/data';
import type { ModalityRegistry, Segment, Shape } from '@transfusion/modality';

/** Hears of what takes long before training can begin, and may end it. */
export interface Preparation {
  /** Called as records of `what` are prepared (latents are cached, say). */
  onProgress?(what: string, done: number, total: number): void;
  /** When aborted, the preparation throws the signal's reason; what is done is kept. */
  readonly signal?: AbortSignal;
}

/** Opens the data of a run; called when it is needed, not when the recipe is made. */
export type OpenSources = (
  preparation?: Preparation,
) => readonly MixturePart[] | Promise<readonly MixturePart[]>;

/** AdamW, its schedule (linear warm-up, then half a cosine), clipping and the running mean of parameters. */
export interface RecipeOptimizer {
  /** The highest learning rate; 3e-4 by default. */
  readonly learningRate: number;
  /** The last one; 5 % of the highest by default. */
  readonly finalLearningRate: number;
  /** 4000 by default, or a twentieth of a run that is shorter than 80,000 steps. */
  readonly warmupSteps: number;
  /** 0.9 by default. */
  readonly beta1: number;
  /** 0.95 by default. */
  readonly beta2: number;
  /** 1e-8 by default. */
  readonly epsilon: number;
  /** 0.1 by default. */
  readonly weightDecay: number;
  /** Largest norm of the gradient; 1 by default. */
  readonly clipNorm: number;
  /** 0.999 by default. */
  readonly emaDecay: number;
}

/** One thing to draw or write while training, to be looked at. */
export interface SampleRequest {
  /** What the document begins with. */
  readonly prompt: readonly Segment[];
  /** A span to draw next; without it the model decides. */
  readonly begin?: { readonly modality: string; readonly latentShape?: Shape };
  /** How many tokens may follow; 0 by default with `begin`, else 64. */
  readonly maxTokens?: number;
}

/** What {@link defineRecipe} takes: what has a default may be left out. Defaults are the paper's where it has one. */
export interface RecipeOptions {
  readonly name: string;
  /** Decides the starting parameters, the order of the data and all noise; 0 by default. */
  readonly seed?: number;
  readonly modalities: ModalityRegistry;
  /** The name of a preset, or sizes. */
  readonly transformer: TransformerPresetName | TransformerOptions;
  /** `bidirectional` by default. */
  readonly spanAttention?: 'bidirectional' | 'causal';
  readonly sources: OpenSources;
  /** Data for `evaluation`, not trained on. */
  readonly validation?: OpenSources;
  readonly batch: {
    readonly numRows: number;
    readonly rowLength: number;
    /**
     * Places for spans, by group (`image:32x32x3`); as many as the rows can hold by default. Where that would
     * cost a tenth of a step or more, latent shapes of a modality share twice as many.
     */
    readonly spanCapacity?: Readonly<Record<string, number>>;
    /** Batches whose gradients make one step; 1 by default. */
    readonly microBatches?: number;
  };
  /**
   * Highest timestep, as a share (above 0) of all, for a span before its caption; 0.5 by default, 1 for no
   * limit.
   */
  readonly captionNoiseLimit?: number;
  readonly optimizer?: Partial<RecipeOptimizer>;
  readonly totalSteps: number;
  readonly checkpoints?: {
    /** Steps between checkpoints; 500 by default. */
    readonly every?: number;
    /** How many stay; 3 by default. */
    readonly keep?: number;
  };
  /** Stops at a bad record instead of skipping it. */
  readonly strict?: boolean;
  readonly evaluation?: {
    /** Steps between evaluations. */
    readonly every: number;
    /** Batches of validation data; 4 by default. */
    readonly batches?: number;
  };
  readonly samples?: {
    /** Steps between samples. */
    readonly every: number;
    readonly requests: readonly SampleRequest[];
    /** 3 by default. */
    readonly guidanceScale?: number;
    /** 250 by default. */
    readonly numInferenceSteps?: number;
  };
}

/** A checked recipe, with all defaults filled in; made by {@link defineRecipe}. */
export interface Recipe {
  readonly kind: 'transfusion';
  readonly name: string;
  readonly seed: number;
  readonly modalities: ModalityRegistry;
  readonly transformer: TransformerConfig;
  readonly spanAttention: 'bidirectional' | 'causal';
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
}
