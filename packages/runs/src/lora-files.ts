/**
 * Low-rank updates in the files of PEFT (`adapter_model.safetensors` and `adapter_config.json`), named as those of a
 * `LlamaForCausalLM`: Python's `peft` reads what is written here, and the other way round. Its matrices are the
 * transposes of ours.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import {
  loraSize,
  type LoraConfig,
  type LoraTarget,
  type TransformerConfig,
  type TrunkLoraParams,
} from '@transfusion/core';
import { TransfusionError } from '@transfusion/errors';
import { readSafetensors, writeSafetensors, type SafetensorsFile, type StoredTensor } from '@transfusion/nn';
import * as tf from '@transfusion/tfjs';
import { openCheckpoint, type Checkpoint } from '@transfusion/trainer';
import { findCheckpoint } from './find-checkpoint.js';
import { parsePeftConfig, peftConfig, peftTargets, peftTensor } from './peft-config.js';
import { storedModelConfig } from './stored-model-config.js';

const WEIGHTS_FILE = 'adapter_model.safetensors';
const CONFIG_FILE = 'adapter_config.json';

/** The matrices of an update: ours, PEFT's, and which axis of ours is the rank. */
const MATRICES = [
  ['down', 'lora_A'],
  ['up', 'lora_B'],
] as const;

/**
 * Writes the low-rank updates of a trained model (their EMA) into a folder of their own, as PEFT does.
 *
 * @param path folder of a run, a checkpoint or an export
 * @param folder output folder; must not exist
 * @throws TransfusionError `mismatch` if the model was trained without `lora`, or other parts of it were trained as well,
 *   `invalid-argument` if the output folder exists, `not-found` if there is no checkpoint, `invalid-file` if it is damaged
 */
export async function exportLora(path: string, folder: string): Promise<void> {
  const checkpoint = await openCheckpoint(await findCheckpoint(path));
  const { lora, transformer } = storedModelConfig(checkpoint);
  if (lora === undefined) {
    throw new TransfusionError(
      'mismatch',
      `${checkpoint.path} has no low-rank updates, expected a model that was trained with lora. Export the whole model.`,
    );
  }
  if (existsSync(folder)) {
    throw new TransfusionError(
      'invalid-argument',
      `exportLora: ${folder} already exists. Choose a new folder.`,
    );
  }
  await checkpoint.verify();
  const stored = await readSafetensors(join(checkpoint.path, 'ema.safetensors'));
  const temporary = `${resolve(folder)}.tmp-${randomUUID()}`;
  try {
    checkOthersFrozen(checkpoint, stored);
    const tensors: Record<string, StoredTensor> = {};
    for (let layer = 0; layer < transformer.numLayers; layer++) {
      for (const target of lora.targets) {
        for (const [own, theirs] of MATRICES) {
          const tensor = await stored.read(`lora.layers.${layer}.${target}.${own}`);
          tensors[peftTensor(layer, target, theirs)] = transposed(tensor);
        }
      }
    }
    await mkdir(temporary, { recursive: true });
    await mkdir(dirname(resolve(folder)), { recursive: true });
    await writeSafetensors(join(temporary, WEIGHTS_FILE), tensors, { metadata: { format: 'pt' } });
    await writeFile(join(temporary, CONFIG_FILE), `${JSON.stringify(peftConfig(lora), undefined, 2)}\n`);
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  } finally {
    await stored.close();
  }
}

/** Refuses updates that are not all that was trained: with them alone, another model would result. */
function checkOthersFrozen({ path, description }: Checkpoint, { tensors }: SafetensorsFile): void {
  const { freeze = [] } = (description ?? {}) as { readonly freeze?: readonly string[] };
  const isFrozen = (name: string): boolean =>
    freeze.some((part) => name === part || name.startsWith(`${part}.`));
  const trained = [...tensors.keys()].filter((name) => !name.startsWith('lora.') && !isFrozen(name));
  if (trained.length === 0) return;
  const parts = [...new Set(trained.map((name) => name.split('.')[0]))];
  throw new TransfusionError(
    'mismatch',
    `${path}: ${parts.join(', ')} were trained as well, expected low-rank updates alone. Export the whole model, or train ` +
      `with freeze: ['${parts.join("', '")}'].`,
  );
}

/**
 * Reads low-rank updates of {@link exportLora}, or of PEFT for a `LlamaForCausalLM` of the trunk's size.
 *
 * @throws TransfusionError `invalid-file` for files that are missing, damaged or of another kind of update, `mismatch` for
 *   updates of a trunk of another size
 */
export async function readLora(
  folder: string,
  transformer: TransformerConfig,
): Promise<{ readonly config: LoraConfig; readonly params: TrunkLoraParams }> {
  if (transformer.weights !== 'shared') {
    throw new TransfusionError(
      'mismatch',
      `${folder}: the trunk has weights '${transformer.weights}', expected 'shared'. Load the model without lora.`,
    );
  }
  const file = await readSafetensors(join(folder, WEIGHTS_FILE));
  const read: tf.Tensor[] = [];
  try {
    const targets = peftTargets(file.tensors.keys());
    const config = parsePeftConfig(join(folder, CONFIG_FILE), await readConfig(folder), targets);
    checkNames(file, transformer, targets);
    const layers: Record<string, { down: tf.Tensor; up: tf.Tensor }>[] = [];
    for (let layer = 0; layer < transformer.numLayers; layer++) {
      const updates: (typeof layers)[number] = {};
      for (const target of targets) {
        const [inDim, outDim] = loraSize(transformer, target);
        const down = await readMatrix(file, peftTensor(layer, target, 'lora_A'), [config.rank, inDim]);
        read.push(down);
        const up = await readMatrix(file, peftTensor(layer, target, 'lora_B'), [outDim, config.rank]);
        read.push(up);
        updates[target] = { down, up };
      }
      layers.push(updates);
    }
    return { config, params: { layers } };
  } catch (error) {
    tf.dispose(read);
    throw error;
  } finally {
    await file.close();
  }
}

async function readConfig(folder: string): Promise<string> {
  const path = join(folder, CONFIG_FILE);
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new TransfusionError(
      'invalid-file',
      `${path}: cannot be read (${(cause as NodeJS.ErrnoException).code}), expected the configuration of the updates.`,
      { cause },
    );
  }
}

/** Refuses a file with tensors that would be ignored, such as those of layers that the trunk does not have. */
function checkNames(
  { path, tensors }: SafetensorsFile,
  { numLayers }: TransformerConfig,
  targets: readonly LoraTarget[],
): void {
  const expected = new Set(
    Array.from({ length: numLayers }, (_, layer) =>
      targets.flatMap((target) => MATRICES.map(([, matrix]) => peftTensor(layer, target, matrix))),
    ).flat(),
  );
  const unknown = [...tensors.keys()].find((name) => !expected.has(name));
  const missing = [...expected].find((name) => !tensors.has(name));
  if (unknown === undefined && missing === undefined && targets.length > 0) return;
  const found =
    unknown !== undefined
      ? `has '${unknown}'`
      : `has no ${missing === undefined ? 'tensors' : `'${missing}'`}`;
  throw new TransfusionError(
    'mismatch',
    `${path}: ${found}, expected updates of the projections of ${numLayers} layers. Use those of a trunk of this size.`,
  );
}

async function readMatrix(
  file: SafetensorsFile,
  name: string,
  shape: readonly [number, number],
): Promise<tf.Tensor> {
  const stored = await file.read(name);
  if (stored.shape.join() !== shape.join() || stored.dtype !== 'float32') {
    const remedy =
      stored.dtype === 'float32' ? 'Use updates of a trunk of this size' : 'Save the updates as floats';
    throw new TransfusionError(
      'mismatch',
      `${file.path}: '${name}' is ${stored.dtype} [${stored.shape}], expected float32 [${shape}]. ${remedy}.`,
    );
  }
  const { data, shape: ofOurs } = transposed(stored);
  return tf.tensor(data, [...ofOurs]);
}

function transposed(tensor: StoredTensor): StoredTensor & { readonly dtype: 'float32' } {
  const [rows, columns] = tensor.shape;
  const data = Float32Array.from(
    tensor.data,
    (_, i) => tensor.data[(i % rows) * columns + Math.floor(i / rows)],
  );
  return { dtype: 'float32', shape: [columns, rows], data };
}
