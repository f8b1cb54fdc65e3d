import type * as tf from '@tensorflow/tfjs';
import type { Params } from '../params.js';

/**
 * An optimizer as pure functions over trees, so that `jit` can compile it into a training step. The
 * state is a parameter tree too, and goes into checkpoints.
 */
export interface Optimizer<State extends Params> {
  /** Makes the state before the first step. */
  init(params: Params): State;
  /**
   * Takes one step: new parameters and new state. `gradients` has the structure of `params`; `learningRate` is a
   * tensor, so that a compiled step need not be compiled anew when it changes.
   */
  update<P extends Params>(
    params: P,
    gradients: P,
    state: State,
    learningRate: tf.Scalar,
  ): { params: P; state: State };
}
