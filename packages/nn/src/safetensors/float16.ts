/** Conversion between float16 (IEEE 754 binary16) and float32. */

/** Decodes float16 exactly. */
export function fromFloat16(halves: Uint16Array): Float32Array {
  table ??= decodeAllHalves();
  // `Uint32Array.from` with a function would take ten times as long. Copies bits, since copying
  // floats may change the bits of a NaN.
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < bits.length; i++) bits[i] = table[halves[i]];
  return new Float32Array(bits.buffer);
}

/** Bits of the float32 that equals each of the 65,536 float16 values. */
let table: Uint32Array | undefined;

function decodeAllHalves(): Uint32Array {
  const bits = new Uint32Array(2 ** 16);
  const values = new Float32Array(bits.buffer);
  for (let half = 0; half < bits.length; half++) {
    // Shifts exponent and fraction to their float32 bits; the factor corrects the exponent bias.
    bits[half] = ((half & 0x8000) << 16) | ((half & 0x7fff) << 13);
    const isFinite = (half & 0x7c00) !== 0x7c00;
    if (isFinite) values[half] *= 2 ** 112;
    else bits[half] |= 0x7f800000;
  }
  return bits;
}

/**
 * Rounds to the nearest float16, ties to even; magnitudes from 65,520 on become infinite, up to 2^-25 zero.
 */
export function toFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(bits, (single, i) => {
    const sign = (single >>> 16) & 0x8000;
    const magnitude = single & 0x7fffffff;
    if (magnitude > 0x7f800000) return sign | 0x7e00;
    // From 65,520 on, infinity is the nearest value: float16 has no exponent above 15.
    if (magnitude >= 0x477ff000) return sign | 0x7c00;
    // Below 2^-14, float16 values are subnormal: evenly spaced, 2^-24 apart. Math.round would break ties
    // upward.
    if (magnitude < 0x38800000) return sign | roundHalfToEven(Math.abs(values[i]) * 2 ** 24);
    const truncated = (magnitude - 0x38000000) >>> 13;
    const remainder = magnitude & 0x1fff;
    const roundUp = remainder > 0x1000 || (remainder === 0x1000 && (truncated & 1) === 1);
    return sign | (truncated + Number(roundUp));
  });
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const remainder = value - below;
  return below + Number(remainder > 0.5 || (remainder === 0.5 && below % 2 === 1));
}
