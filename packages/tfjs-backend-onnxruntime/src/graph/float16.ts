/** IEEE 754 half precision: one bit of sign, five of exponent, ten of mantissa. */
import { roundHalfEven } from './round-half-even.js';

/** Largest finite number. */
export const MAX_FLOAT16 = 65_504;

/** Smallest normal number, 2^-14, as the bits of a float32. */
const MIN_NORMAL = 0x38800000;

/** 65520, from which numbers round to infinity, as the bits of a float32. */
const OVERFLOW = 0x477ff000;

/** Rounds to half precision, to nearest even; returns the bits. */
export function float16Bits(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(bits, (word, i) => {
    const sign = (word >>> 16) & 0x8000;
    const magnitude = word & 0x7fffffff;
    if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
    if (magnitude >= OVERFLOW) return sign | 0x7c00; // infinity
    // Below the normal numbers, the bits count multiples of 2^-24.
    if (magnitude < MIN_NORMAL) return sign | roundHalfEven(Math.abs(values[i]) * 2 ** 24);
    // Move the exponent's bias from 127 to 15, and round the 13 bits that are dropped.
    const odd = (magnitude >>> 13) & 1;
    return sign | ((magnitude - (112 << 23) + 0xfff + odd) >>> 13);
  });
}
