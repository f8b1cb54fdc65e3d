import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantize } from './quantize.js';

describe('quantize', () => {
  it('is off by at most half of the scale of the channel, whose largest element is 127', () => {
    const shape = fc.tuple(...[1, 2, 3].map(() => fc.integer({ min: 1, max: 5 })));
    fc.assert(
      fc.property(
        shape,
        fc.integer({ min: 0, max: 2 }),
        fc.infiniteStream(fc.float({ min: -8, max: 8 })),
        (dims, axis, stream) => {
          const data = Float32Array.from(stream.take(dims[0] * dims[1] * dims[2]), (x) =>
            Number.isNaN(x) ? 0 : x,
          );
          const { values, scales } = quantize(data, dims, axis);
          expect(scales).toHaveLength(dims[axis]);
          const largest = new Float32Array(dims[axis]);
          const levels = new Int32Array(dims[axis]);
          data.forEach((element, i) => {
            const place = [
              Math.floor(i / (dims[1] * dims[2])),
              Math.floor(i / dims[2]) % dims[1],
              i % dims[2],
            ];
            const channel = place[axis];
            const scale = scales[channel];
            expect(Math.abs(values[i] * scale - element)).toBeLessThanOrEqual(0.50001 * scale);
            largest[channel] = Math.max(largest[channel], Math.abs(element));
            levels[channel] = Math.max(levels[channel], Math.abs(values[i]));
          });
          largest.forEach((max, channel) => {
            if (max < 1e-37) return;
            expect(levels[channel]).toBe(127);
            expect(scales[channel]).toBe(Math.fround(max / 127));
          });
        },
      ),
    );
  });

  it('keeps zeros, and rounds from the middle to the even integer', () => {
    const { values, scales } = quantize(Float32Array.of(0, 127, 0, 0.5, 0, 1.5, 0, -2.5), [4, 2], 1);
    expect([...scales]).toEqual([1, 1]);
    expect([...values]).toEqual([0, 127, 0, 0, 0, 2, 0, -2]);
  });

  it('has no channel without a scale', () => {
    const { values, scales } = quantize(Float32Array.of(2 ** -149, 0, -(2 ** -149), 0), [2, 2], 1);
    expect([...scales]).toEqual([1, 1]);
    expect([...values].map((x) => x + 0)).toEqual([0, 0, 0, 0]);
  });
});
