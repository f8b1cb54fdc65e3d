import type { ExportConfig, ExportedGeneration, ExportPrecision } from '@transfusion/export/export-format';
import type { GenerateOptions, TokenUsage } from '@transfusion/pipelines/stream';
import type { ArrayValue, InputValue } from './graph-codec.js';
import type { WebInpainting } from './image/inpainting.js';
import type { Device } from './ort.js';

/** A part of a prompt: text, or a value of another modality. */
export interface PromptSegment {
  readonly modality: string;
  readonly value: string | InputValue;
}

/** A request, as `generate` of `@transfusion/pipelines` takes it; samplers are given by name. */
export interface WebRequest extends Omit<GenerateOptions, 'scheduler' | 'known'> {
  readonly prompt: readonly PromptSegment[];
  readonly negativePrompt?: readonly PromptSegment[];
  /** Name of a modality, or `document`. */
  readonly output: string;
  /** Name of a sampler of the folder. */
  readonly scheduler?: string;
  /** An image of which the output generates the masked part; the rest is kept. */
  readonly inpaint?: WebInpainting;
}

/** Progress of an output, as `generateStream` of `@transfusion/pipelines` yields it. */
export type WebEvent =
  | { readonly type: 'start'; readonly usage: TokenUsage }
  | { readonly type: 'text'; readonly modality: string; readonly text: string }
  | {
      readonly type: 'denoise-step';
      readonly modality: string;
      /** From 1. */
      readonly step: number;
      readonly numSteps: number;
      /** Timestep at which the model was called. */
      readonly timestep: number;
      /** Decodes what the model predicts at this step. */
      readonly preview: () => Promise<ArrayValue>;
    }
  | {
      readonly type: 'value';
      readonly modality: string;
      /** Media type of its files, such as `image/png`; absent if it has none. */
      readonly mediaType?: string;
      readonly value: ArrayValue;
    }
  | { readonly type: 'end'; readonly reason: 'stop' | 'length'; readonly usage: TokenUsage };

/** A sampler that requests may name. */
export interface WebSampler {
  readonly name: string;
  /** Numbers of steps that it has. */
  readonly numInferenceSteps: readonly number[];
}

/** A loaded model. */
export interface WebModel {
  readonly config: ExportConfig;
  readonly generation: Omit<ExportedGeneration, 'samplers'>;
  /** Samplers by modality, the model's own first. */
  readonly samplers: Readonly<Record<string, readonly WebSampler[]>>;
  readonly device: Device;
  readonly precision: ExportPrecision;
  /** Messages for the user, such as that WebGPU failed. */
  readonly warnings: readonly string[];
  /**
   * Generates an output, and yields its parts as soon as they are known. Leaving the loop ends generation at its next step.
   *
   * @throws TransfusionError as `generate` of `@transfusion/pipelines`; the signal's reason when it is aborted
   */
  generate(request: WebRequest, options?: { readonly signal?: AbortSignal }): AsyncGenerator<WebEvent, void>;
  /** Frees the model's memory. */
  dispose(): Promise<void>;
}
