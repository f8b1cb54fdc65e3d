import * as tf from '@transfusion/tfjs';
import '../index.js';
import { checkGradients, gradient, spread } from '../testing-internals/gradient-check.js';

const PRODUCTS: readonly (readonly [string, number[], number[]])[] = [
  ['ij,jk->ik', [2, 3], [3, 2]],
  ['bhqe,bhke->bhqk', [1, 2, 2, 3], [1, 2, 3, 3]],
  ['i,j->ij', [2], [3]],
  ['ij,kj->', [2, 3], [2, 3]],
  ['ij,jk->k', [2, 3], [3, 2]],
];

checkGradients('products', [
  gradient('Einsum', [spread([2, 3])], (x) => tf.einsum('ij->ji', x), { variant: 'ij->ji' }),
  gradient('Einsum', [spread([2, 3])], (x) => tf.einsum('ij->j', x), { variant: 'ij->j' }),
  ...PRODUCTS.map(([equation, a, b]) =>
    gradient('Einsum', [spread(a), spread(b)], (x, y) => tf.einsum(equation, x, y), {
      variant: equation,
      // With two labels to sum over the cpu backend sums over one.
      cpu: ['ij,kj->', 'ij,jk->k'].includes(equation) ? 'lacks' : 'same',
    }),
  ),
  ...[false, true].flatMap((exclusive) =>
    [false, true].map((reverse) =>
      gradient('Cumprod', [spread([2, 3])], (x) => tf.cumprod(x, 1, exclusive, reverse), {
        variant: `exclusive ${exclusive}, reverse ${reverse}`,
      }),
    ),
  ),
]);
