/** The head of tokens as it scores: probabilities of given tokens instead of logits of all. */
import * as tf from '@transfusion/tfjs';
import { linear } from '@transfusion/nn';
import { compileDynamic, type DynamicFunction } from '@transfusion/tfjs-backend-onnxruntime';
import type { Transfusion, TransfusionParams } from '../model/transfusion.js';

/**
 * Compiles the head: `hidden` [read, D], `targets` [read] (indices in the flattened logits) -> `logProbs` [read], and
 * `margins` [read], the target's logit minus the largest one: 0 for the most likely token.
 */
export function compileScoreHead(
  { transformer }: Transfusion,
  { lmHead }: TransfusionParams,
): DynamicFunction {
  return compileDynamic(
    ({ hidden, targets }) => {
      const logits = linear(lmHead, hidden); // [read, V]
      const maxima = logits.max(-1, true);
      const logSums = logits.sub(maxima).exp().sum(-1).log(); // [read]
      const margins = tf.gather(logits.reshape([-1]), targets as tf.Tensor1D).sub(maxima.reshape([-1]));
      return { logProbs: margins.sub(logSums), margins };
    },
    {
      name: 'scores of tokens',
      inputs: {
        hidden: { shape: ['read', transformer.modelDim] },
        targets: { shape: ['read'], dtype: 'int32' },
      },
    },
  );
}
