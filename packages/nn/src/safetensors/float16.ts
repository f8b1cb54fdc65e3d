/** Conversion between float16 (IEEE 754 binary16) and float32. */

/** Decodes float16 exactly: shifts exponent and fraction to their float32 bits, then corrects the exponent bias by a factor. */
export function fromFloat16(halves: Uint16Array): Float32Array {
  // `Uint32Array.from` with a function would take ten times as long.
  const bits = new Uint32Array(halves.length);
  const values = new Float32Array(bits.buffer);
  for (let i = 0; i < bits.length; i++) {
    const half = halves[i];
    bits[i] = ((half & 0x8000) << 16) | ((half & 0x7fff) << 13);
    const isFinite = (half & 0x7c00) !== 0x7c00;
    if (isFinite) values[i] *= 2 ** 112;
    else bits[i] |= 0x7f800000;
  }
  return values;
}

/** Rounds to the nearest float16, ties to even; magnitudes from 65,520 on become infinite, up to 2^-25 zero. */
export function toFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(bits, (single, i) => {
    const sign = (single >>> 16) & 0x8000;
    const magnitude = single & 0x7fffffff;
    if (magnitude > 0x7f800000) return sign | 0x7e00;
    // From 65,520 on, infinity is the nearest value: float16 has no exponent above 15.
    if (magnitude >= 0x477ff000) return sign | 0x7c00;
    // Below 2^-14, float16 values are subnormal: evenly spaced, 2^-24 apart. Math.round would break ties upward.
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
