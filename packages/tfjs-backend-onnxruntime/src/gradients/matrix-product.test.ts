import * as tf from '@transfusion/tfjs';
import { expect, it } from 'vitest';
import '../index.js';
import { checkGradients, gradient, spread } from '../testing-internals/gradient-check.js';
import { onBackend } from '../testing-internals/on-backend.js';
import { runKernel } from '../testing-internals/run-kernel.js';

/** Batches of two factors that broadcast. */
const BATCHES: readonly (readonly [number[], number[]])[] = [
  [[2], []],
  [[], [2]],
  [[1], [3]],
  [[3], [1]],
  [[2, 1], [3]],
  [
    [1, 2],
    [3, 1],
  ],
];
const BOTH = [false, true] as const;

checkGradients('matrix product', [
  ...BATCHES.flatMap(([batchA, batchB]) =>
    BOTH.flatMap((transposeA) =>
      BOTH.map((transposeB) =>
        gradient(
          'BatchMatMul',
          [
            spread([...batchA, ...(transposeA ? [3, 2] : [2, 3])]),
            spread([...batchB, ...(transposeB ? [1, 3] : [3, 1])]),
          ],
          (a, b) => tf.matMul(a, b, transposeA, transposeB),
          {
            variant: `[${batchA}] by [${batchB}], transposeA ${transposeA}, transposeB ${transposeB}`,
            // Where both batches broadcast, the cpu backend multiplies the wrong matrices.
            cpu: batchA.length + batchB.length > 2 ? 'lacks' : 'same',
          },
        ),
      ),
    ),
  ),
  ...Object.entries({ missing: {}, null: { transposeA: null, transposeB: null } }).map(([variant, attrs]) =>
    gradient(
      'BatchMatMul',
      [spread([2, 3]), spread([3, 2])],
      (a, b) => runKernel('BatchMatMul', { a, b }, attrs),
      { variant: `transposes ${variant}` },
    ),
  ),
]);

it.each(['cpu', 'onnxruntime'] as const)('a factor that the batch shares has its gradient on %s', (name) => {
  const a = [
    [
      [1, 2],
      [3, 4],
    ],
    [
      [5, 6],
      [7, 8],
    ],
  ];
  const slope = onBackend(name, () =>
    tf.tidy(() =>
      tf
        .grads((x, y) => tf.matMul(x, y).sum())([
          tf.tensor(a),
          tf.tensor([
            [9, 10],
            [11, 12],
          ]),
        ])[1] // prettier-ignore
        .arraySync(),
    ),
  );
  expect(slope).toEqual([
    [16, 16],
    [20, 20],
  ]);
});
