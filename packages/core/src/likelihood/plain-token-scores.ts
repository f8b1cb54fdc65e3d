/** The reference of the token scorer: whole sequences through the model, one at a time, with the logits of all positions. */
import * as tf from '@transfusion/tfjs';
import type { Transfusion, TransfusionParams } from '../model/transfusion.js';
import { assembleInputs, inputTensors } from '../sequence/model-inputs.js';
import { checkSequence, type TokenScores, type TokenSequence } from './token-sequence.js';

/**
 * Scores the ends of sequences without a cache, in double precision from the logits on.
 *
 * @throws TransfusionError `invalid-argument` for ids out of range, or a sequence without context or scored ids
 */
export function plainTokenScores(
  model: Transfusion,
  params: TransfusionParams,
  sequences: readonly TokenSequence[],
): TokenScores[] {
  const V = model.vocabulary.size;
  return sequences.map((sequence, index) => {
    checkSequence(sequence, V, index);
    const { ids, contextLength } = sequence;
    const logits = logitsOf(model, params, ids);
    const numScored = ids.length - contextLength;
    const [logProbs, isGreedy] = [new Float32Array(numScored), new Uint8Array(numScored)];
    for (let i = 0; i < numScored; i++) {
      const at = (contextLength + i - 1) * V;
      const row = logits.subarray(at, at + V);
      const max = row.reduce((a, b) => Math.max(a, b), -Infinity);
      const sum = row.reduce((total, logit) => total + Math.exp(logit - max), 0);
      const target = row[ids[contextLength + i]];
      logProbs[i] = target - max - Math.log(sum);
      isGreedy[i] = target >= max ? 1 : 0;
    }
    return { logProbs, isGreedy };
  });
}

function logitsOf(model: Transfusion, params: TransfusionParams, ids: Int32Array): Float32Array {
  // Padded, so that few shapes are compiled.
  const shape = { numRows: 1, rowLength: 32 * Math.ceil(ids.length / 32), spanCapacity: {} };
  const row = [{ layout: { tokenIds: ids, spans: [] }, timesteps: [] }];
  const arrays = assembleInputs(model.modalities, model.vocabulary, shape, [row]);
  return tf.tidy(() => model.forward(params, inputTensors(arrays)).logits.dataSync<'float32'>());
}
