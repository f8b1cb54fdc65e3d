import * as tf from '@transfusion/tfjs';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { patchify, unpatchify } from './patches.js';

beforeAll(() => tf.setBackend('cpu'));

const sizes = fc.record({
  N: fc.integer({ min: 1, max: 2 }),
  rows: fc.integer({ min: 1, max: 3 }),
  columns: fc.integer({ min: 1, max: 3 }),
  k: fc.constantFrom(1, 2, 4),
  C: fc.integer({ min: 1, max: 4 }),
});

it('orders patches row by row, and positions within a patch, too', () => {
  fc.assert(
    fc.property(sizes, ({ N, rows, columns, k, C }) => {
      const [h, w] = [rows * k, columns * k];
      const x = tf.range(0, N * h * w * C).reshape([N, h, w, C]) as tf.Tensor4D;
      const expected: number[] = [];
      for (let n = 0; n < N; n++)
        for (let row = 0; row < rows; row++)
          for (let column = 0; column < columns; column++)
            for (let y = row * k; y < (row + 1) * k; y++)
              for (let x = column * k; x < (column + 1) * k; x++)
                for (let c = 0; c < C; c++) expected.push(((n * h + y) * w + x) * C + c);
      const patches = patchify(x, k);
      expect(patches.shape).toEqual([N, rows * columns, k * k * C]);
      expect([...patches.dataSync()]).toEqual(expected);
      const back = unpatchify(patches, k, [h, w, C]);
      expect(back.shape).toEqual(x.shape);
      expect(back.dataSync()).toEqual(x.dataSync());
    }),
    { numRuns: 30 },
  );
});

it('refuses sizes that are not multiples of the patch size', () => {
  expect(() => patchify(tf.zeros([1, 6, 8, 3]), 4)).toThrow('multiples of 4, the patch size');
});
