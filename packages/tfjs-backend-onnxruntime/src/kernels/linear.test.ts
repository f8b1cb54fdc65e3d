import * as tf from '@transfusion/tfjs';
import fc from 'fast-check';
import '../index.js';
import { integers, shapes, tensorOf } from '../testing-internals/arbitraries.js';
import { checkKernelProperties, property } from '../testing-internals/kernel-property.js';
import type { TensorSpec } from '../testing-internals/tensor-spec.js';

interface Product {
  readonly a: TensorSpec;
  readonly b: TensorSpec;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Two matrices that can be multiplied, or batches of such, where one may be repeated. */
function products(dims: fc.Arbitrary<number>, maxBatchRank: number): fc.Arbitrary<Product> {
  return fc
    .record({
      rows: dims,
      inner: dims,
      columns: dims,
      batch: shapes({ maxRank: maxBatchRank, maxSize: 4, empty: false }),
      repeated: fc.constantFrom('a', 'b', 'none'),
      transposeA: fc.boolean(),
      transposeB: fc.boolean(),
    })
    .chain(({ rows, inner, columns, batch, repeated, transposeA, transposeB }) => {
      const batchOf = (name: string): number[] => (repeated === name ? batch.map(() => 1) : batch);
      const matrix = (name: string, transposed: boolean, r: number, c: number): fc.Arbitrary<TensorSpec> =>
        tensorOf([...batchOf(name), ...(transposed ? [c, r] : [r, c])]);
      return fc.record({
        a: matrix('a', transposeA, rows, inner),
        b: matrix('b', transposeB, inner, columns),
        transposeA: fc.constant(transposeA),
        transposeB: fc.constant(transposeB),
      });
    });
}

const SIDES = fc.integer({ min: 1, max: 6 });
const asArguments = ({ a, b, transposeA, transposeB }: Product) => [a, b, transposeA, transposeB] as const;

/** Fused operations: a bias of one row, and each activation. */
const FUSED = fc
  .tuple(
    products(SIDES, 0),
    fc.constantFrom('linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'),
    fc.boolean(),
  )
  .chain(([product, activation, biased]) => {
    const columns = product.transposeB ? product.b.shape[0] : product.b.shape[1];
    return fc.tuple(
      fc.constant(product.a),
      fc.constant(product.b),
      tensorOf([columns]),
      tensorOf([1, columns]),
      fc.constant({
        activation: activation as tf.fused.Activation,
        biased,
        transposeA: product.transposeA,
        transposeB: product.transposeB,
      }),
    );
  });

/** Equations with the ranks of their operands; each letter stands for one random size. */
const EQUATIONS = [
  'ij,jk->ik',
  'bij,bjk->bik',
  'ij->ji',
  'ij,ij->',
  'i,j->ij',
  'bqhd,bkhd->bhqk',
  'ijk->k',
  'bhwc,hkc->bwhk',
];

const EINSUMS = fc
  .tuple(
    fc.constantFrom(...EQUATIONS),
    fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 6, maxLength: 6 }),
  )
  .chain(([equation, sizes]) => {
    const labels = [...new Set(equation.match(/[a-z]/g))];
    const operands = equation.split('->')[0].split(',');
    const specs = operands.map((term) => tensorOf([...term].map((label) => sizes[labels.indexOf(label)])));
    return fc.tuple(fc.constant(equation), fc.tuple(...specs));
  });

checkKernelProperties('linear', [
  property('BatchMatMul', products(SIDES, 4).map(asArguments), (a, b, transposeA, transposeB) =>
    tf.matMul(a, b, transposeA, transposeB),
  ),
  property(
    'BatchMatMul',
    products(fc.nat(2), 2).map(asArguments),
    (a, b, transposeA, transposeB) => tf.matMul(a, b, transposeA, transposeB),
    { variant: 'of empty matrices' },
  ),
  property(
    'BatchMatMul',
    SIDES.chain((n) =>
      fc.tuple(tensorOf([2, n], 'int32', integers()), tensorOf([n, 3], 'int32', integers())),
    ),
    (a, b) => tf.matMul(a, b),
    { variant: 'of int32' },
  ),
  property('_FusedMatMul', FUSED, (a, b, bias, alpha, { activation, biased, transposeA, transposeB }) =>
    tf.fused.matMul({
      a,
      b,
      transposeA,
      transposeB,
      bias: biased ? bias : undefined,
      activation,
      preluActivationWeights: activation === 'prelu' ? alpha : undefined,
      leakyreluAlpha: 0.3,
    }),
  ),
  property('Einsum', EINSUMS, (equation, operands) => tf.einsum(equation, ...operands)),
]);
