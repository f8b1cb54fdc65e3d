/** A tiny model with random parameters, and a folder that it is exported to. */
import { mkdtempSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import { createTransfusion, transformerPreset, type Transfusion } from '@transfusion/core';
import { flowEuler, type NoiseScheduler } from '@transfusion/diffusion';
import { TransfusionError } from '@transfusion/errors';
import { exportModel, type ExportPrecision } from '@transfusion/export';
import { createModalityRegistry } from '@transfusion/modality';
import { image } from '@transfusion/modality-image';
import { text, trainBpe } from '@transfusion/modality-text';
import { createRng, mapParams } from '@transfusion/nn';
import type { TrainedModel } from '@transfusion/pipelines';
import type { FolderReader } from '../folder-reader.js';

/** Options of {@link tinyModel}. */
export interface TinyModelOptions {
  readonly weights?: 'shared' | 'per-modality';
  readonly diffusion?: NoiseScheduler;
}

/** Makes a model of text and 8 × 8 images. */
export function tinyModel({
  weights = 'shared',
  diffusion = flowEuler(),
}: TinyModelOptions = {}): TrainedModel {
  const tokenizer = trainBpe(['a red apple', 'a green leaf', 'an owl 🦉'], { vocabSize: 270 });
  const modalities = createModalityRegistry(
    text({ tokenizer }),
    image({ latentShapes: [[8, 8, 3]], diffusion }),
  );
  const transformer = { ...transformerPreset('nano'), weights };
  const model = createTransfusion({ modalities, transformer }) as unknown as Transfusion;
  const rng = createRng(7);
  // Layers that begin with zeros would hide mistakes behind them.
  const params = mapParams(model.init(rng), (tensor, path) =>
    tensor.add(tf.tensor(rng.fork(path).normals(tensor.size), tensor.shape).mul(0.05)),
  );
  return { model, params };
}

/** Exports a model, and returns the folder. */
export async function exportTiny(
  trained: TrainedModel,
  precisions: readonly ExportPrecision[] = ['single'],
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'transfusion-web-'));
  await exportModel(trained, { folder, precisions, numInferenceSteps: [4, 2], guidanceScale: 2 });
  return folder;
}

/** Reads a folder of files; `changed` ones are other than they lie there, or absent. */
export function folderOf(
  folder: string,
  changed: Readonly<Record<string, ((bytes: Uint8Array) => Uint8Array) | undefined>> = {},
): FolderReader {
  return {
    where: 'folder',
    read: async (path, { signal, onBytes } = {}) => {
      signal?.throwIfAborted();
      const change = changed[path];
      if (path in changed && change === undefined) {
        throw new TransfusionError('not-found', `folder: ${path} cannot be read. Export it again.`);
      }
      const bytes = new Uint8Array(await readFile(join(folder, path)));
      onBytes?.(bytes.length);
      return change?.(bytes) ?? bytes;
    },
  };
}
