import * as tf from '@transfusion/tfjs';
import fc from 'fast-check';
import '../index.js';
import { EXTREMES, shapes } from '../testing-internals/arbitraries.js';
import { checkKernelProperties, property } from '../testing-internals/kernel-property.js';

const DTYPES = ['float32', 'int32', 'bool'] as const;

checkKernelProperties('creation', [
  property(
    'Fill',
    fc
      .tuple(shapes(), fc.constantFrom(...DTYPES))
      .chain(([shape, dtype]) => fc.tuple(fc.constant(shape), EXTREMES[dtype], fc.constant(dtype))),
    (shape, value, dtype) => tf.fill(shape, value, dtype),
  ),
  property(
    'Range',
    fc
      .tuple(
        fc.integer({ min: -9, max: 9 }),
        fc.integer({ min: -9, max: 9 }),
        fc.constantFrom(0.5, 1, 3, -1, -2.5),
      )
      // Here the cpu backend counts up from where it should not start.
      .filter(([start, stop, step]) => start <= stop || step !== 0.5),
    (start, stop, step) => tf.range(start, stop, step),
  ),
  property(
    'Range',
    fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })),
    (start, stop) => tf.range(start, stop, 1, 'int32'),
    { variant: 'of int32' },
  ),
  property(
    'LinSpace',
    fc.tuple(
      fc.integer({ min: -9, max: 9 }),
      fc.integer({ min: -9, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
    ),
    (start, stop, count) => tf.linspace(start, stop, count),
  ),
]);
