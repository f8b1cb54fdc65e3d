/**
 * AdamW (Loshchilov & Hutter 2019, algorithm 2) as plain operations. Unlike `tf.train.adam` it takes
 * the learning rate as a tensor, so that a jitted step need not be recompiled when it changes.
 */
import * as tf from '@transfusion/tfjs';

export interface AdamWOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** Applies to matrices only, as usual: not to gains. */
  readonly weightDecay?: number;
}

export interface AdamW {
  /** Assigns the variables; `gradients` go by the variables' names. */
  update(gradients: tf.NamedTensorMap, learningRate: tf.Scalar): void;
  dispose(): void;
}

interface Slot {
  readonly variable: tf.Variable;
  readonly mean: tf.Variable;
  readonly square: tf.Variable;
}

export function adamW(variables: readonly tf.Variable[], options: AdamWOptions = {}): AdamW {
  const { beta1 = 0.9, beta2 = 0.99, epsilon = 1e-8, weightDecay = 0.1 } = options;
  const zeros = (shape: number[]): tf.Variable => tf.tidy(() => tf.variable(tf.zeros(shape), false));
  const count = zeros([]);
  const slots = variables.map((variable): Slot => ({
    variable,
    mean: zeros(variable.shape),
    square: zeros(variable.shape),
  }));

  const update = (gradients: tf.NamedTensorMap, learningRate: tf.Scalar): void => {
    count.assign(count.add(1));
    const meanScale = tf.sub(1, tf.pow(beta1, count));
    const squareScale = tf.sub(1, tf.pow(beta2, count));
    for (const { variable, mean, square } of slots) {
      const gradient = gradients[variable.name]!;
      mean.assign(mean.mul(beta1).add(gradient.mul(1 - beta1)));
      square.assign(square.mul(beta2).add(gradient.square().mul(1 - beta2)));
      const direction = mean.div(meanScale).div(square.div(squareScale).sqrt().add(epsilon));
      const decay = variable.rank > 1 ? variable.mul(weightDecay) : tf.zerosLike(variable);
      variable.assign(variable.sub(direction.add(decay).mul(learningRate)));
    }
  };

  const dispose = (): void => tf.dispose([count, ...slots.flatMap(({ mean, square }) => [mean, square])]);

  return { update, dispose };
}
