/**
 * Gradients of operations whose result is bool: zero. TensorFlow.js 4.22 has those of `greaterEqual` and of
 * float tests only, so that it cannot differentiate `tf.where(x.greater(0), …)` or a masked layer.
 */
import * as tf from '@transfusion/tfjs';

const BINARY = [
  'Equal',
  'NotEqual',
  'Greater',
  'GreaterEqual',
  'Less',
  'LessEqual',
  'LogicalAnd',
  'LogicalOr',
];
const UNARY = ['LogicalNot', 'All', 'Any'];

export function registerComparisonGradients(): void {
  for (const kernelName of BINARY) {
    tf.registerGradient({
      kernelName,
      inputsToSave: ['a', 'b'],
      gradFunc: (_dy, [a, b]) => ({ a: () => tf.zeros(a.shape), b: () => tf.zeros(b.shape) }),
    });
  }
  for (const kernelName of UNARY) {
    tf.registerGradient({
      kernelName,
      inputsToSave: ['x'],
      gradFunc: (_dy, [x]) => ({ x: () => tf.zeros(x.shape) }),
    });
  }
}
