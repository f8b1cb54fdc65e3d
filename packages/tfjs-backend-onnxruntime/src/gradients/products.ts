/** Gradients of products that TensorFlow.js 4.22 lacks. */
import * as tf from '@transfusion/tfjs';

export function registerProductGradients(): void {
  tf.registerGradient({
    kernelName: 'Einsum',
    saveAllInputs: true,
    gradFunc: (dy, operands, attrs) => {
      const { equation } = attrs as unknown as { equation: string };
      const [terms, result] = equation.replace(/\s/g, '').split('->');
      const labels = terms.split(',');
      const gradients = labels.map(
        (_, i) => () => einsumGradient(dy as tf.Tensor, operands, labels, result, i),
      );
      // The inputs of a kernel that takes a list are named by their indices.
      return Object.fromEntries(gradients.entries());
    },
  });
  tf.registerGradient({
    kernelName: 'Cumprod',
    inputsToSave: ['x'],
    outputsToSave: [true],
    gradFunc: (dy, [x, y], attrs) => {
      const { axis, exclusive, reverse } = attrs as unknown as ScanAttrs;
      // As in TensorFlow: terms that depend on an element that is 0 count as 0.
      const shares = (): tf.Tensor => tf.cumsum(tf.mul(dy as tf.Tensor, y), axis, exclusive, !reverse);
      return { x: () => tf.divNoNan(shares(), x) };
    },
  });
}

interface ScanAttrs {
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

/** Multiplies `dy` by all other operands, in the labels of operand `i`; repeats along labels that only it has. */
function einsumGradient(
  dy: tf.Tensor,
  operands: readonly tf.Tensor[],
  labels: readonly string[],
  result: string,
  i: number,
): tf.Tensor {
  const others = labels.flatMap((term, j) => (j === i ? [] : [{ term, operand: operands[j] }]));
  const factors = [{ term: result, operand: dy }, ...others];
  const known = [...labels[i]].filter((label) => factors.some(({ term }) => term.includes(label))).join('');
  const equation = `${factors.map(({ term }) => term).join(',')}->${known}`;
  const product = tf.einsum(equation, ...factors.map(({ operand }) => operand));
  const shape = operands[i].shape;
  if (known === labels[i]) return product;
  const kept = shape.map((dim, axis) => (known.includes(labels[i][axis]) ? dim : 1));
  return tf.broadcastTo(product.reshape(kept), shape);
}
