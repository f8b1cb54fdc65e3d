/**
 * The visibility of elements. An element sees what stands before it in its own document, and, inside a span of
 * latents, also what stands after it in the same span (Transfusion, section 3.1).
 */
import * as tf from '@tensorflow/tfjs';

/** Added to the scores of pairs that may not see each other: far below any score, and still finite. */
const HIDDEN = -1e9;

/**
 * Computes what is added to attention scores: 0 where position i may see position j, -1e9 where not.
 *
 * @param documentIds int32 [B, S]: equal within a document; padding has an id of its own
 * @param spanIds int32 [B, S]: equal within a span, and negative outside any
 * @param spanAttention `causal` takes the bidirectional part away (the paper's ablation)
 * @returns [B, 1, S, S]
 */
export function attentionBias(
  documentIds: tf.Tensor2D,
  spanIds: tf.Tensor2D,
  spanAttention: 'bidirectional' | 'causal' = 'bidirectional',
): tf.Tensor4D {
  const [B, S] = documentIds.shape;
  const index = tf.range(0, S, 1, 'int32');
  const isBefore = index.expandDims(0).lessEqual(index.expandDims(1)).expandDims(0); // [1, S, S]
  const inDocument = documentIds.expandDims(2).equal(documentIds.expandDims(1)); // [B, S, S]
  const inSpan = spanIds.expandDims(2).equal(spanIds.expandDims(1)); // [B, S, S]
  const isSpan = spanIds.greaterEqual(0).expandDims(2); // [B, S, 1]
  const isVisible = spanAttention === 'causal' ? isBefore : isBefore.logicalOr(inSpan.logicalAnd(isSpan));
  const bias = tf.where(isVisible.logicalAnd(inDocument), tf.scalar(0), tf.scalar(HIDDEN));
  return bias.reshape([B, 1, S, S]);
}
