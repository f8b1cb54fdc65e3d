/**
 * The attention mask: an element attends to itself and the preceding elements of its document and, within a
 * span of latents, also to the following elements of that span (Transfusion, section 3.1).
 */
import * as tf from '@transfusion/tfjs';

/** Bias of masked pairs: far below any score, but finite. */
export const HIDDEN = -1e9;

/**
 * Computes the bias for attention scores: 0 where position i attends to position j, -1e9 where it does not.
 *
 * @param documentIds int32 [B, S]: equal within a document; -1 for padding
 * @param spanIds int32 [B, S]: equal within a span, negative outside spans
 * @param spanAttention `causal` removes the bidirectional part (the paper's ablation)
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
