import * as tf from '@transfusion/tfjs';
import '../index.js';
import { checkGradients, gradient, spread } from '../testing-internals/gradient-check.js';

checkGradients('linear', [
  ...[false, true].flatMap((transposeA) =>
    [false, true].map((transposeB) =>
      gradient(
        'BatchMatMul',
        [spread([2, ...(transposeA ? [3, 2] : [2, 3])]), spread([2, ...(transposeB ? [2, 3] : [3, 2])])],
        (a, b) => tf.matMul(a, b, transposeA, transposeB),
        { variant: `transposeA ${transposeA}, transposeB ${transposeB}` },
      ),
    ),
  ),
  ...(['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu'] as const).map((activation) =>
    gradient(
      '_FusedMatMul',
      [spread([2, 3]), spread([3, 2], [-1.9, 2.3]), spread([2])],
      (a, b, bias) => tf.fused.matMul({ a, b, bias, activation }),
      { variant: activation },
    ),
  ),
]);
