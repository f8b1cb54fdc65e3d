/**
 * The exported folder: `config.json`, `generation_config.json`, `tokenizer.json` and `onnx/<graph><suffix>.onnx`, as
 * transformers.js reads folders. All of it is plain JSON but the graphs.
 */
import type { SamplerProgram } from '@transfusion/diffusion';
import type { Shape, VocabularyEntry } from '@transfusion/modality';

/** Version of the format. A runtime refuses folders of a later one. */
export const FORMAT_VERSION = 1;

/** Element type of the stored weights. */
export type ExportPrecision = 'single' | 'half' | 'int8';

/** End of the graphs' names, before `.onnx`, as transformers.js has them. */
export const SUFFIXES: Readonly<Record<ExportPrecision, string>> = {
  single: '',
  half: '_fp16',
  int8: '_quantized',
};

/** Content of `config.json`. */
export interface ExportConfig {
  readonly model_type: 'transfusion';
  readonly format_version: number;
  /** Sizes of the cache: keys and values are [rows, num_key_value_heads, positions, head_dim]. */
  readonly num_hidden_layers: number;
  readonly num_key_value_heads: number;
  readonly head_dim: number;
  readonly hidden_size: number;
  /** True if the positions of a span see all of it. */
  readonly bidirectional_spans: boolean;
  /** Meanings of the token ids, in their order. */
  readonly vocabulary: readonly VocabularyEntry[];
  readonly modalities: readonly ExportedModality[];
  /** Precisions of the graphs in the folder. */
  readonly precisions: readonly ExportPrecision[];
  /** All other files, by their paths: what a runtime checks its downloads by, and knows new files from old ones. */
  readonly files: Readonly<Record<string, ExportedFile>>;
}

/** A file of the folder. */
export interface ExportedFile {
  readonly bytes: number;
  /** SHA-256 of its content, in hexadecimal. */
  readonly sha256: string;
}

/** A modality of an {@link ExportConfig}. */
export type ExportedModality = ExportedText | ExportedSpans;

/** Text. */
export interface ExportedText {
  readonly kind: 'discrete';
  readonly name: string;
  /** `bytes`: token ids are the bytes of UTF-8; or a file in the folder. */
  readonly tokenizer: 'bytes' | 'tokenizer.json';
}

/** A modality of spans of latents. */
export interface ExportedSpans {
  readonly kind: 'continuous';
  readonly name: string;
  /** Media type of its files; absent if it has none. */
  readonly media_type?: string;
  readonly shapes: readonly ExportedShape[];
}

/** A latent shape, and the names of its graphs. */
export interface ExportedShape {
  readonly latent_shape: Shape;
  /** Number of positions of a span. */
  readonly span_length: number;
  /** Shape of a value as a tensor: of an image its pixels, [height, width, 3] from -1 to 1. */
  readonly value_shape: Shape;
  readonly embedder: string;
  readonly decoder: string;
  readonly denoiser: string;
  /** Values [count, ...value_shape] to latents [count, ...latent_shape], and back. */
  readonly value_encoder: string;
  readonly value_decoder: string;
}

/** Content of `generation_config.json`. */
export interface ExportedGeneration {
  /** Defaults of a request. */
  readonly num_inference_steps: number;
  readonly guidance_scale: number;
  /** By continuous modality: the samplers that fit, the model's own first, each for some numbers of steps. */
  readonly samplers: Readonly<Record<string, readonly ExportedSampler[]>>;
}

/** A sampler for one number of steps; with Heun's method, some steps have two parts. */
export type ExportedSampler = SamplerProgram & { readonly num_inference_steps: number };
