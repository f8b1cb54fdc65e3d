/** The functions of a model that evaluators call: never the model itself, so that anything that predicts can be evaluated. */

/** A text whose likelihood is asked for. */
export interface LogLikelihoodRequest {
  /** Text before it; it may be empty. */
  readonly context: string;
  readonly continuation: string;
}

/** Likelihood of a continuation, given its context. */
export interface LogLikelihood {
  /** Sum of the natural logarithms of its tokens' probabilities. */
  readonly logProb: number;
  readonly numTokens: number;
  /** True if each of its tokens is the most likely one. */
  readonly isGreedy: boolean;
}

/** Likelihood of a text. */
export type RollingLogLikelihood = Omit<LogLikelihood, 'isGreedy'>;

/** A value, with the name of its modality. */
export interface PromptSegment {
  readonly modality: string;
  readonly value: unknown;
}

/** A value to generate. */
export interface GenerationTask {
  /** Values before it. */
  readonly prompt: readonly PromptSegment[];
  /** Name of its modality. */
  readonly output: string;
  readonly seed: number;
}

/** A value of which a part is to be generated anew, such as an image. */
export interface InpaintingTask {
  readonly prompt: readonly PromptSegment[];
  readonly known: PromptSegment;
  /** Above 127 where the value is generated. */
  readonly mask: { readonly width: number; readonly height: number; readonly data: Uint8Array };
  readonly seed: number;
}

/** Functions that predict; each yields one result per input, in order, so that inputs can be computed in batches. */
export interface Predictors {
  /** Computes likelihoods of texts. */
  logLikelihood(requests: AsyncIterable<LogLikelihoodRequest>): AsyncIterable<LogLikelihood>;
  /** Computes likelihoods of whole texts, of any length: each token is scored once, in a window that slides. */
  rollingLogLikelihood(texts: AsyncIterable<string>): AsyncIterable<RollingLogLikelihood>;
  /** Generates values: images for captions, captions of images, edits of images. */
  generate(tasks: AsyncIterable<GenerationTask>): AsyncIterable<unknown>;
  /** Generates the masked parts of values; the rest is kept. */
  inpaint(tasks: AsyncIterable<InpaintingTask>): AsyncIterable<unknown>;
}
