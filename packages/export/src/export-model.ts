import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { modelGraphs, type ModelGraph } from '@transfusion/core';
import { checkFields, TransfusionError } from '@transfusion/errors';
import type { TrainedModel } from '@transfusion/pipelines';
import { createWeightsFile, exportDynamicOnnx } from '@transfusion/tfjs-backend-onnxruntime';
import { codecGraphs } from './codec-graphs.js';
import {
  FORMAT_VERSION,
  SUFFIXES,
  type ExportConfig,
  type ExportedFile,
  type ExportedGeneration,
  type ExportPrecision,
} from './export-format.js';
import { exportedSamplers } from './exported-samplers.js';
import { exportedText } from './exported-text.js';

/** Options of {@link exportModel}. */
export interface ExportModelOptions {
  /** Folder to write; created unless it exists. */
  readonly folder: string;
  /** Element types of the weights; one set of graphs is written for each. Defaults to `['single']`. */
  readonly precisions?: readonly ExportPrecision[];
  /** Numbers of denoising steps that the folder has samplers for, the default one first; defaults to [25, 10, 50]. */
  readonly numInferenceSteps?: readonly number[];
  /** Default guidance scale of a request; defaults to 3. */
  readonly guidanceScale?: number;
}

/** Fields of {@link ExportModelOptions}. */
const FIELDS = { folder: true, precisions: true, numInferenceSteps: true, guidanceScale: true };

/**
 * Exports a model as a folder from which runtimes without TensorFlow.js generate: `@transfusion/web` in browsers, or any
 * program with ONNX Runtime. Its layout is that of transformers.js; see {@link ExportConfig} and {@link ExportedGeneration}.
 * `config.json` is written last: without it, a folder is not complete.
 *
 * @returns the paths of all files
 * @throws TransfusionError `invalid-argument` for options out of range, on another backend than `onnxruntime`, and for
 *   what cannot be exported: discrete modalities other than text, tokenizers of other packages, codecs without `functions`,
 *   samplers that are no programs
 */
export async function exportModel(
  { model, params }: TrainedModel,
  options: ExportModelOptions,
): Promise<readonly string[]> {
  checkFields('exportModel: options', options, FIELDS);
  const { folder, precisions = ['single'], numInferenceSteps = [25, 10, 50], guidanceScale = 3 } = options;
  checkPrecisions(precisions);
  const { modalities, vocabulary, transformer } = model;
  const texts = await Promise.all(modalities.discrete.map((modality) => exportedText(modality)));
  const generation: ExportedGeneration = {
    num_inference_steps: numInferenceSteps[0],
    guidance_scale: guidanceScale,
    samplers: exportedSamplers(modalities.continuous, numInferenceSteps),
  };
  const { graphs, spans, dispose } = modelGraphs(model, params);
  try {
    const codecs = codecGraphs(spans);
    const config: Omit<ExportConfig, 'files'> = {
      model_type: 'transfusion',
      format_version: FORMAT_VERSION,
      num_hidden_layers: transformer.numLayers,
      num_key_value_heads: transformer.numKvHeads,
      head_dim: transformer.modelDim / transformer.numHeads,
      hidden_size: transformer.modelDim,
      bidirectional_spans: model.config.spanAttention === 'bidirectional',
      vocabulary: vocabulary.entries,
      modalities: [
        ...texts.map(({ modality }) => modality),
        ...modalities.continuous.map(({ name, media }) => ({
          kind: 'continuous' as const,
          name,
          ...(media !== undefined && { media_type: media.mediaType }),
          shapes: codecs.shapes.filter(({ modality }) => modality === name).map(({ shape }) => shape),
        })),
      ],
      precisions,
    };
    mkdirSync(join(folder, 'onnx'), { recursive: true });
    const files = precisions.flatMap((precision) =>
      writeGraphs([...graphs, ...codecs.graphs], join(folder, 'onnx'), precision),
    );
    const write = (name: string, content: Uint8Array | string): void => {
      const path = join(folder, name);
      writeFileSync(path, content);
      files.push(path);
    };
    for (const { file } of texts) if (file !== undefined) write(file.name, file.bytes);
    write('generation_config.json', json(generation));
    write(
      'config.json',
      json({ ...config, files: await describeFiles(folder, files) } satisfies ExportConfig),
    );
    return files;
  } finally {
    dispose();
  }
}

/** Writes the graphs, and a file with the weights that they share. */
function writeGraphs(graphs: readonly ModelGraph[], folder: string, precision: ExportPrecision): string[] {
  const suffix = SUFFIXES[precision];
  const weights = createWeightsFile(join(folder, `weights${suffix}.onnx_data`));
  try {
    const paths = graphs.map(({ name, inputs, run }) => {
      const path = join(folder, `${name}${suffix}.onnx`);
      exportDynamicOnnx(run, { name, inputs, path, precision, externalData: weights });
      return path;
    });
    return [...paths, weights.path];
  } finally {
    weights.close();
  }
}

/** Returns the description of files by their paths in the folder, with slashes. */
async function describeFiles(folder: string, paths: readonly string[]): Promise<ExportConfig['files']> {
  const described: Record<string, ExportedFile> = {};
  for (const path of paths) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    const name = relative(folder, path).split(sep).join('/');
    described[name] = { bytes: statSync(path).size, sha256: hash.digest('hex') };
  }
  return described;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}

function checkPrecisions(precisions: readonly ExportPrecision[]): void {
  const names = Object.keys(SUFFIXES);
  const unknown = precisions.find((precision) => !names.includes(precision));
  if (unknown === undefined && precisions.length > 0) return;
  throw new TransfusionError(
    'invalid-argument',
    `exportModel: precisions is [${precisions.join(', ')}], expected at least one of ${names.join(', ')}.`,
  );
}
