/** IEEE 754 half precision: one bit of sign, five of exponent, ten of mantissa. */
import { roundHalfEven } from './round-half-even.js';

/** Largest finite number. */
export const MAX_FLOAT16 = 65_504;

/** Smallest normal number, 2^-14, as the bits of a float32. */
const MIN_NORMAL = 0x38800000;

/** Infinity, as the bits of a float32; greater ones are NaN. */
const INFINITY = 0x7f800000;

/** 65520, from which numbers round to infinity, as the bits of a float32. */
const OVERFLOW = 0x477ff000;

/** Rounds to half precision, to nearest even; returns the bits. */
export function float16Bits(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const result = new Uint16Array(values.length);
  for (let i = 0; i < words.length; i++) {
    result[i] = ((words[i] >>> 16) & 0x8000) | magnitudeBits(words[i] & 0x7fffffff, values[i]);
  }
  return result;
}

/** @param word bits of `|value|` in single precision */
function magnitudeBits(word: number, value: number): number {
  if (word > INFINITY) return 0x7e00; // NaN
  if (word >= OVERFLOW) return 0x7c00; // infinity
  // Below the normal numbers, the bits count multiples of 2^-24.
  if (word < MIN_NORMAL) return roundHalfEven(Math.abs(value) * 2 ** 24);
  // Move the exponent's bias from 127 to 15, and round the 13 bits that are dropped.
  const odd = (word >>> 13) & 1;
  return (word - (112 << 23) + 0xfff + odd) >>> 13;
}
