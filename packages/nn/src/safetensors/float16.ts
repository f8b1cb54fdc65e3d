/** Half precision (IEEE 754 binary16) to and from single precision. */

/** Decodes exactly: exponent and fraction move to their bits of float32; the factor corrects the exponent's bias. */
export function fromFloat16(halves: Uint16Array): Float32Array {
  // A plain loop: `Uint32Array.from` with a function takes ten times as long.
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

/** Rounds to the nearest half, ties to even; values beyond 65,504 become infinite, below 2^-25 zero. */
export function toFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(bits, (single, i) => {
    const sign = (single >>> 16) & 0x8000;
    const magnitude = single & 0x7fffffff;
    if (magnitude > 0x7f800000) return sign | 0x7e00;
    // A half has no exponent above 15: from 65,520 on, infinity is the nearest.
    if (magnitude >= 0x477ff000) return sign | 0x7c00;
    // Below 2^-14 halves lie evenly, 2^-24 apart; Math.round breaks ties upwards, so the even one is chosen explicitly.
    if (magnitude < 0x38800000) return sign | roundedToEven(Math.abs(values[i]) * 2 ** 24);
    const kept = (magnitude - 0x38000000) >>> 13;
    const rest = magnitude & 0x1fff;
    return sign | (kept + Number(rest > 0x1000 || (rest === 0x1000 && (kept & 1) === 1)));
  });
}

function roundedToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return below + Number(rest > 0.5 || (rest === 0.5 && below % 2 === 1));
}
