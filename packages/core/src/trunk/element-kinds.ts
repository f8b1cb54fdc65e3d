/**
 * Separate weights per kind of element (Mixture-of-Transformers): tokens and each continuous modality have
 * their own layers. The elements of a kind are gathered, computed together, and scattered back.
 */
import * as tf from '@transfusion/tfjs';

/** The kind of all tokens, of whatever modality. */
export const TOKENS = 'tokens';

/** The positions of each kind of elements; only needed with per-modality weights. */
export interface ElementKinds {
  /**
   * The non-token elements of the flattened batch, in groups of one kind each; `positions` is int32 [n].
   */
  readonly groups: readonly { readonly kind: string; readonly positions: tf.Tensor1D }[];
  /**
   * Index of each element's result among all results: first those of all B · S elements computed as tokens,
   * then those of each group. int32 [B · S]
   */
  readonly sources: tf.Tensor1D;
}

/**
 * Applies `fn` to x [B, S, D] with the weights of each element's kind. `fn` must act elementwise:
 * [1, n, D] -> [1, n, ...], with one or more outputs.
 *
 * @param kinds undefined if all elements share the weights of the kind `tokens`
 */
export function applyByKind<P>(
  paramsByKind: Readonly<Record<string, P>>,
  kinds: ElementKinds | undefined,
  x: tf.Tensor3D,
  fn: (params: P, x: tf.Tensor3D) => tf.Tensor[],
): tf.Tensor[] {
  if (kinds === undefined) return fn(paramsByKind[TOKENS], x);
  const [B, S, D] = x.shape;
  const flat = x.reshape([B * S, D]);
  const asTokens = fn(paramsByKind[TOKENS], flat.reshape([1, B * S, D]));
  const byGroup = kinds.groups.map(({ kind, positions }) =>
    fn(paramsByKind[kind], tf.gather(flat, positions).reshape([1, -1, D])),
  );
  return asTokens.map((tokens, i) => {
    const all = tf.concat([tokens, ...byGroup.map((results) => results[i])], 1);
    const featureShape = all.shape.slice(2);
    return tf.gather(all.squeeze([0]), kinds.sources).reshape([B, S, ...featureShape]);
  });
}
