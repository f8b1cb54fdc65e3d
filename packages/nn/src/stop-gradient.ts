import * as tf from '@transfusion/tfjs';

/** Returns the tensor as a constant for differentiation (`jax.lax.stop_gradient`, PyTorch's `detach`). */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  return constant(x) as T;
}

const constant = tf.customGrad((x) => ({
  value: (x as tf.Tensor).clone(),
  gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
}));
