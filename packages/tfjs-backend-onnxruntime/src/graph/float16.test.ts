import { describe, expect, it } from 'vitest';
import { float16Bits, MAX_FLOAT16 } from './float16.js';
import { roundHalfEven } from './round-half-even.js';

/** The number that these bits are, by the definition. */
function decode(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  const magnitude = exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25);
  return bits < 0x8000 ? magnitude : -magnitude;
}

const bitsOf = (x: number): number => float16Bits(Float32Array.of(x))[0];

describe('float16Bits', () => {
  it('keeps every finite number of half precision', () => {
    for (const sign of [0, 0x8000]) {
      for (let bits = 0; bits < 0x7c00; bits++)
        if (bitsOf(decode(sign | bits)) !== (sign | bits)) expect(bits).toBe(-1);
    }
    expect(decode(0x7bff)).toBe(MAX_FLOAT16);
  });

  it('rounds to the nearest number, and from the middle to the even one', () => {
    const problems: number[] = [];
    for (let bits = 0; bits < 0x7bff; bits++) {
      const middle = (decode(bits) + decode(bits + 1)) / 2;
      const even = bits + (bits & 1);
      if (bitsOf(middle) !== even) problems.push(bits);
      if (bitsOf(-middle) !== (0x8000 | even)) problems.push(bits);
      if (bitsOf(middle * (1 - 2 ** -23)) !== bits) problems.push(bits);
      if (bitsOf(middle * (1 + 2 ** -22)) !== bits + 1) problems.push(bits);
    }
    expect(problems).toEqual([]);
  });

  it('reads a view, and has infinities and NaN', () => {
    const memory = Float32Array.of(9, 1, -Infinity, 65_519, 65_520, NaN, 9);
    expect([...float16Bits(memory.subarray(1, 6))]).toEqual([0x3c00, 0xfc00, 0x7bff, 0x7c00, 0x7e00]);
  });
});

it('roundHalfEven', () => {
  const values = [-2.5, -1.5, -0.6, -0.5, 0.5, 1.5, 2.4, 2.5, 2.6, 3.5, -126.5];
  expect(values.map((x) => roundHalfEven(x) + 0)).toEqual([-2, -2, -1, 0, 0, 2, 2, 2, 3, 4, -126]);
});
