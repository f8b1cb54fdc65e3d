import * as tf from '@transfusion/tfjs';
import '../index.js';
import { checkGradients, gradient, spread } from '../testing-internals/gradient-check.js';

/** Each has the gradient of the values that it selects. */
const selecting = (condition: (x: tf.Tensor) => tf.Tensor) => (x: tf.Tensor) =>
  tf.where(condition(x) as tf.Tensor, x.square(), x.mul(3));
const X = [spread([2, 4])] as const;

checkGradients('comparison', [
  gradient('Greater', X, selecting((x) => x.greater(0))),
  gradient('GreaterEqual', X, selecting((x) => x.greaterEqual(0))),
  gradient('Less', X, selecting((x) => x.less(0.3))),
  gradient('LessEqual', X, selecting((x) => x.lessEqual(0.3))),
  gradient('Equal', X, selecting((x) => x.equal(100))),
  gradient('NotEqual', X, selecting((x) => x.notEqual(100))),
  gradient('LogicalAnd', X, selecting((x) => x.greater(-1).logicalAnd(x.less(1)))),
  gradient('LogicalOr', X, selecting((x) => x.less(-1).logicalOr(x.greater(1)))),
  gradient('LogicalNot', X, selecting((x) => x.greater(0).logicalNot())),
  gradient('Any', X, selecting((x) => tf.any(x.greater(100), 1, true).tile([1, 4]))),
  gradient('All', X, selecting((x) => tf.all(x.less(100)).broadcastTo([2, 4]))),
  gradient('GreaterEqual', X, (x) => x.mul(x.toInt().greaterEqual(tf.scalar(1, 'int32')).toFloat()), {
    variant: 'of integers',
  }),
]); // prettier-ignore
