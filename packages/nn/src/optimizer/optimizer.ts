import type * as tf from '@transfusion/tfjs';
import type { Params } from '../params.js';

/**
 * An optimizer as pure functions over trees, so that `jit` can compile it into a training step. Its state is
 * a parameter tree as well, and is saved in checkpoints.
 */
export interface Optimizer<State extends Params> {
  /** Initializes the state. */
  init(params: Params): State;
  /**
   * Takes one step and returns new parameters and state. `gradients` has the structure of `params`;
   * `learningRate` is a tensor, so that changing it does not require recompiling the step.
   */
  update<P extends Params>(
    params: P,
    gradients: P,
    state: State,
    learningRate: tf.Scalar,
  ): { params: P; state: State };
}
