/**
 * One call of the model for many sequences: a row for each, padded to one of a few sizes, so that few
 * graphs are compiled.
 */
import * as tf from '@tensorflow/tfjs';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import type { Transfusion, TransfusionParams } from '../model/transfusion.js';
import { assembleBatch, batchTensors, type BatchInputs } from '../sequence/batch.js';
import { groupKey, spanGroupKinds } from '../sequence/span-groups.js';
import type { TrainingSequence } from '../sequence/training-sequence.js';

/** What the model says about the end of a sequence. */
export interface RowPrediction {
  /** Of what follows the sequence's last position, by id. */
  readonly logits: Float32Array;
  /** The diffusion model's output for the sequence's last span, if it has one. */
  readonly spanOutput?: Float32Array;
}

/** The model as a function of whole sequences. */
export interface RowPredictor {
  predict(rows: readonly TrainingSequence[]): Promise<RowPrediction[]>;
  /** Frees the compiled graphs. */
  dispose(): void;
}

/** Row lengths are multiples of this. */
const LENGTH_STEP = 32;

/** Makes the function; `params` stay the caller's, and must live as long as it does. */
export function createRowPredictor(model: Transfusion, params: TransfusionParams): RowPredictor {
  const forward = jit(
    (weights: TransfusionParams, inputs: BatchInputs, readPlaces: tf.Tensor1D) => {
      const { logits, spanOutputs } = model.forward(weights, inputs, readPlaces);
      return { logits, spanOutputs };
    },
    { name: 'generate' },
  );
  const kinds = spanGroupKinds(model.modalities);

  const predict = async (rows: readonly TrainingSequence[]): Promise<RowPrediction[]> => {
    const lengths = rows.map(({ layout }) => layout.tokenIds.length);
    const numRows = roundedCount(rows.length);
    const rowLength = Math.ceil(Math.max(...lengths) / LENGTH_STEP) * LENGTH_STEP;
    const numSpans = new Map<string, number>();
    // Where the last span of each row stands in its group.
    const lastSpans = rows.map(({ layout }) => {
      let last: { key: string; place: number } | undefined;
      for (const { modality, latentShape } of layout.spans) {
        const key = groupKey(modality, latentShape);
        last = { key, place: numSpans.get(key) ?? 0 };
        numSpans.set(key, last.place + 1);
      }
      return last;
    });
    const spanCapacity = Object.fromEntries(
      kinds.flatMap(({ key }) => (numSpans.has(key) ? [[key, roundedCount(numSpans.get(key)!)]] : [])),
    );
    const arrays = assembleBatch(
      model.modalities,
      model.vocabulary,
      { numRows, rowLength, spanCapacity },
      rows.map((row) => [row]),
    );
    const readPlaces = new Int32Array(numRows);
    lengths.forEach((length, row) => (readPlaces[row] = row * rowLength + length - 1));

    const batch = batchTensors(arrays);
    const places = tf.tensor1d(readPlaces, 'int32');
    const groups = Object.fromEntries(
      Object.entries(batch.groups).map(([key, { latents, timesteps, places: spanPlaces }]) => [
        key,
        { noisyLatents: latents, timesteps, places: spanPlaces },
      ]),
    );
    const outputData = new Map<string, Float32Array>();
    let logitsData: Float32Array;
    let outputs: ReturnType<typeof forward> | undefined;
    try {
      outputs = forward(params, { ...batch.inputs, groups }, places);
      logitsData = (await outputs.logits.data()) as Float32Array;
      for (const [key, output] of Object.entries(outputs.spanOutputs)) {
        outputData.set(key, (await output.data()) as Float32Array);
      }
    } finally {
      tf.dispose([batch, places, outputs]);
    }

    const V = model.vocabulary.size;
    return rows.map((_, row) => {
      const span = lastSpans[row];
      const spanOutputs = span === undefined ? undefined : outputData.get(span.key);
      const size = spanOutputs === undefined ? 0 : spanOutputs.length / spanCapacity[span!.key];
      return {
        logits: logitsData.slice(row * V, (row + 1) * V),
        spanOutput: spanOutputs?.slice(span!.place * size, (span!.place + 1) * size),
      };
    });
  };

  return { predict, dispose: () => forward.dispose() };
}

/** The next power of two up to 8, then the next multiple of 8. */
export function roundedCount(count: number): number {
  return count <= 8 ? 2 ** Math.ceil(Math.log2(count)) : Math.ceil(count / 8) * 8;
}
