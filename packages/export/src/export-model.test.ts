import { mkdtempSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransfusion, transformerPreset, type Transfusion } from '@transfusion/core';
import { flowEuler } from '@transfusion/diffusion';
import { selectEngine } from '@transfusion/engine';
import { createModalityRegistry, type DiscreteModality, type Modality } from '@transfusion/modality';
import { image } from '@transfusion/modality-image';
import { text, trainBpe } from '@transfusion/modality-text';
import { createRng } from '@transfusion/nn';
import type { TrainedModel } from '@transfusion/pipelines';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ExportConfig, ExportedGeneration } from './export-format.js';
import { exportModel } from './export-model.js';

beforeAll(() => selectEngine('onnxruntime'));

function trainedModel(
  modalities: readonly Modality[],
  weights: 'shared' | 'per-modality' = 'shared',
): TrainedModel {
  const transformer = { ...transformerPreset('nano'), weights };
  const registry = createModalityRegistry(...modalities);
  const model = createTransfusion({ modalities: registry, transformer }) as unknown as Transfusion;
  return { model, params: model.init(createRng(1)) };
}

const newFolder = (): string => join(mkdtempSync(join(tmpdir(), 'transfusion-export-')), 'model');
const read = <T>(folder: string, name: string): T =>
  JSON.parse(readFileSync(join(folder, name), 'utf8')) as T;
const pixels = (...latentShapes: [number, number, number][]) =>
  image({ latentShapes, patchSize: 4, diffusion: flowEuler() });

describe('a folder', () => {
  it('has graphs, a tokenizer and samplers, described by its config', async () => {
    const tokenizer = trainBpe(['a red apple', 'a green leaf'], { vocabSize: 270 });
    const trained = trainedModel([text({ tokenizer }), pixels([8, 8, 3])]);
    const folder = newFolder();
    const files = await exportModel(trained, { folder, numInferenceSteps: [4, 2], guidanceScale: 2 });
    expect(files.every((path) => statSync(path).size > 0)).toBe(true);
    const config = read<ExportConfig>(folder, 'config.json');
    expect(config).toMatchObject({
      model_type: 'transfusion',
      format_version: 1,
      hidden_size: trained.model.transformer.modelDim,
      bidirectional_spans: true,
      vocabulary: trained.model.vocabulary.entries,
      precisions: ['single'],
    });
    expect(config.modalities).toEqual([
      { kind: 'discrete', name: 'text', tokenizer: 'tokenizer.json' },
      {
        kind: 'continuous',
        name: 'image',
        media_type: 'image/png',
        shapes: [
          {
            latent_shape: [8, 8, 3],
            span_length: 4,
            value_shape: [8, 8, 3],
            embedder: 'latent_embedder',
            decoder: 'decoder_model_merged',
            denoiser: 'latent_denoiser',
            value_encoder: 'value_encoder',
            value_decoder: 'value_decoder',
          },
        ],
      },
    ]);
    expect(read(folder, 'tokenizer.json')).toEqual(tokenizer.toTokenizerJson());
    const { samplers, ...defaults } = read<ExportedGeneration>(folder, 'generation_config.json');
    expect(defaults).toEqual({ num_inference_steps: 4, guidance_scale: 2 });
    expect(samplers.image.map(({ name, num_inference_steps: count }) => [name, count])).toEqual([
      ['flow-euler', 4],
      ['flow-euler', 2],
      ['flow-heun', 4],
      ['flow-heun', 2],
    ]);
    expect(files.at(-1)).toBe(join(folder, 'config.json'));
  });

  it('has graphs for each latent shape and kind of weights, which share a file of weights', async () => {
    const trained = trainedModel([text(), pixels([8, 8, 3], [8, 16, 3])], 'per-modality');
    const folder = newFolder();
    await exportModel(trained, { folder, precisions: ['single', 'half', 'int8'], numInferenceSteps: [1] });
    const names = [
      'decoder_model_merged',
      'decoder_model_merged_image',
      'embed_tokens',
      ...['latent_denoiser', 'latent_embedder', 'value_decoder', 'value_encoder'].flatMap((name) => [
        `${name}_image_8x16x3`,
        `${name}_image_8x8x3`,
      ]),
    ];
    const expected = ['', '_fp16', '_quantized'].flatMap((suffix) => [
      ...names.map((name) => `${name}${suffix}.onnx`),
      `weights${suffix}.onnx_data`,
    ]);
    expect(readdirSync(join(folder, 'onnx')).sort()).toEqual(expected.sort());
    const [ofText] = read<ExportConfig>(folder, 'config.json').modalities;
    expect(ofText).toMatchObject({ tokenizer: 'bytes' });
    const size = (suffix: string): number => statSync(join(folder, `onnx/weights${suffix}.onnx_data`)).size;
    expect(size('_fp16')).toBeLessThan(0.6 * size(''));
    expect(size('_quantized')).toBeLessThan(0.4 * size(''));
  });
});

describe('refuses', () => {
  const notes: DiscreteModality<'notes', string> = {
    specificationVersion: 'v1',
    kind: 'discrete',
    name: 'notes',
    vocabSize: 4,
    accepts: (value): value is string => typeof value === 'string',
    encode: () => new Int32Array(1),
    decode: () => '',
  };
  const { functions: _, ...codec } = pixels([8, 8, 3]).codec;

  it.each<[string, readonly Modality[], object, string]>([
    ['other tokens than text', [notes, pixels([8, 8, 3])], {}, "'notes' cannot be exported"],
    [
      'a codec without functions',
      [text(), image({ latentShapes: [[8, 8, 3]], codec })],
      {},
      "the codec of 'image' (pixels 8x8x3) has no functions",
    ],
    [
      'an unknown precision',
      [text(), pixels([8, 8, 3])],
      { precisions: ['double'] },
      'precisions is [double]',
    ],
    ['no precision', [text(), pixels([8, 8, 3])], { precisions: [] }, 'precisions is []'],
    ['no step', [text(), pixels([8, 8, 3])], { numInferenceSteps: [0] }, 'numInferenceSteps is 0'],
    ['unknown options', [text(), pixels([8, 8, 3])], { precision: 'half' }, "unknown field 'precision'"],
  ])('%s', async (_, modalities, options, message) => {
    const folder = newFolder();
    const exported = exportModel(trainedModel(modalities as Modality[]), { folder, ...options });
    await expect(exported).rejects.toThrow(message);
  });
});
