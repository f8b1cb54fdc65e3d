/**
 * Calls the model on many sequences at once: one row for each, padded to one of a few sizes so that few
 * graphs are compiled.
 */
import * as tf from '@transfusion/tfjs';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import type { Transfusion, TransfusionParams } from '../model/transfusion.js';
import {
  assembleInputs,
  inputTensors,
  type InputSequence,
  type ModelInputs,
} from '../sequence/model-inputs.js';
import { groupKey, spanGroupKinds } from '../sequence/span-groups.js';

/** The model's predictions at the end of a sequence. */
export interface RowPrediction {
  /** Logits of the token after the last position, by id. */
  readonly logits: Float32Array;
  /** Diffusion output of the sequence's last span, if it has one. */
  readonly spanOutput?: Float32Array;
}

/** Predicts the next token and the last span of sequences. */
export interface RowPredictor {
  predict(rows: readonly InputSequence[]): Promise<RowPrediction[]>;
  /** Frees the compiled graphs. */
  dispose(): void;
}

/** Row lengths are multiples of this. */
const LENGTH_STEP = 32;

/** Creates a predictor; `params` stay the caller's and must outlive it. */
export function createRowPredictor(model: Transfusion, params: TransfusionParams): RowPredictor {
  const forward = jit(
    (weights: TransfusionParams, inputs: ModelInputs, readPositions: tf.Tensor1D) => {
      const { logits, spanOutputs } = model.forward(weights, inputs, readPositions);
      return { logits, spanOutputs };
    },
    { name: 'generate' },
  );
  const kinds = spanGroupKinds(model.modalities);

  const predict = async (rows: readonly InputSequence[]): Promise<RowPrediction[]> => {
    const lengths = rows.map(({ layout }) => layout.tokenIds.length);
    const numRows = roundUpCount(rows.length);
    const rowLength = Math.ceil(Math.max(...lengths) / LENGTH_STEP) * LENGTH_STEP;
    const numSpans = new Map<string, number>();
    // The slot of each row's last span in its group.
    const lastSpans = rows.map(({ layout }) => {
      let last: { key: string; slot: number } | undefined;
      for (const { modality, latentShape } of layout.spans) {
        const key = groupKey(modality, latentShape);
        last = { key, slot: numSpans.get(key) ?? 0 };
        numSpans.set(key, last.slot + 1);
      }
      return last;
    });
    const spanCapacity = Object.fromEntries(
      kinds.flatMap(({ key }) => (numSpans.has(key) ? [[key, roundUpCount(numSpans.get(key)!)]] : [])),
    );
    const arrays = assembleInputs(
      model.modalities,
      model.vocabulary,
      { numRows, rowLength, spanCapacity },
      rows.map((row) => [row]),
    );
    const readPositions = new Int32Array(numRows);
    lengths.forEach((length, row) => (readPositions[row] = row * rowLength + length - 1));

    const inputs = inputTensors(arrays);
    const positions = tf.tensor1d(readPositions, 'int32');
    const outputData = new Map<string, Float32Array>();
    let logitsData: Float32Array;
    let outputs: ReturnType<typeof forward> | undefined;
    try {
      outputs = forward(params, inputs, positions);
      logitsData = (await outputs.logits.data()) as Float32Array;
      for (const [key, output] of Object.entries(outputs.spanOutputs)) {
        outputData.set(key, (await output.data()) as Float32Array);
      }
    } finally {
      tf.dispose([inputs, positions, outputs]);
    }

    const V = model.vocabulary.size;
    return rows.map((_, row) => {
      const span = lastSpans[row];
      const spanOutputs = span === undefined ? undefined : outputData.get(span.key);
      const size = spanOutputs === undefined ? 0 : spanOutputs.length / spanCapacity[span!.key];
      return {
        logits: logitsData.slice(row * V, (row + 1) * V),
        spanOutput: spanOutputs?.slice(span!.slot * size, (span!.slot + 1) * size),
      };
    });
  };

  return { predict, dispose: () => forward.dispose() };
}

/** Rounds up to a power of two up to 8, and beyond that to a multiple of 8. */
export function roundUpCount(count: number): number {
  return count <= 8 ? 2 ** Math.ceil(Math.log2(count)) : Math.ceil(count / 8) * 8;
}
