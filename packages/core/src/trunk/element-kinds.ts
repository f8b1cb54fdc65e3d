/**
 * Weights per kind of element (Mixture-of-Transformers): tokens, and each continuous modality, go
 * through layers of their own. The elements of a kind are gathered, computed together, and put back.
 */
import * as tf from '@tensorflow/tfjs';

/** The name of the kind that all tokens belong to, whichever modality they are of. */
export const TOKENS = 'tokens';

/** The positions of each kind of elements; only needed when kinds have weights of their own. */
export interface ElementKinds {
  /**
   * The elements of the flattened batch that are not tokens, as groups of one kind each; `positions` is
   * int32 [n].
   */
  readonly groups: readonly { readonly kind: string; readonly positions: tf.Tensor1D }[];
  /**
   * Index of each element's result among all results: first those of all B · S elements taken as tokens, then
   * each group's. int32 [B · S]
   */
  readonly sources: tf.Tensor1D;
}

/**
 * Applies `fn` to x [B, S, D] with the weights of each element's kind. `fn` acts on every element
 * alone: [1, n, D] -> [1, n, ...], one tensor or several.
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
  const ofTokens = fn(paramsByKind[TOKENS], flat.reshape([1, B * S, D]));
  const ofOthers = kinds.groups.map(({ kind, positions }) =>
    fn(paramsByKind[kind], tf.gather(flat, positions).reshape([1, -1, D])),
  );
  return ofTokens.map((tokens, i) => {
    const all = tf.concat([tokens, ...ofOthers.map((results) => results[i])], 1);
    const rest = all.shape.slice(2);
    return tf.gather(all.squeeze([0]), kinds.sources).reshape([B, S, ...rest]);
  });
}
