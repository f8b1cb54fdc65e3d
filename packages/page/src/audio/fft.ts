/** The fast Fourier transform (Cooley & Tukey 1965), and a spectrogram made with it. */

/**
 * Transforms in place.
 *
 * @param real and `imaginary` have the same length, a power of two
 */
export function fft(real: Float32Array, imaginary: Float32Array): void {
  const { length } = real;
  for (let i = 1, j = 0; i < length; i++) {
    let bit = length >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [real[i], real[j]] = [real[j], real[i]];
      [imaginary[i], imaginary[j]] = [imaginary[j], imaginary[i]];
    }
  }
  for (let size = 2; size <= length; size *= 2) {
    const angle = (-2 * Math.PI) / size;
    for (let start = 0; start < length; start += size) {
      for (let k = 0; k < size / 2; k++) {
        const [cos, sin] = [Math.cos(angle * k), Math.sin(angle * k)];
        const [even, odd] = [start + k, start + k + size / 2];
        const re = real[odd] * cos - imaginary[odd] * sin;
        const im = real[odd] * sin + imaginary[odd] * cos;
        [real[odd], imaginary[odd]] = [real[even] - re, imaginary[even] - im];
        real[even] += re;
        imaginary[even] += im;
      }
    }
  }
}

/** Loudness by time and frequency. */
export interface Spectrogram {
  readonly numFrames: number;
  readonly numBins: number;
  /** Decibels below the loudest, 0 to -80, frame by frame; the first bin is the lowest frequency. */
  readonly decibels: Float32Array;
}

const FLOOR = -80;

/**
 * Computes a spectrogram with Hann windows.
 *
 * @param windowSize a power of two; has `windowSize / 2` bins
 * @param numFrames windows, evenly spaced; silence is added to a sound that is shorter than a window
 */
export function spectrogram(samples: Float32Array, windowSize: number, numFrames: number): Spectrogram {
  const numBins = windowSize / 2;
  const powers = new Float32Array(numFrames * numBins);
  const last = Math.max(0, samples.length - windowSize);
  for (let frame = 0; frame < numFrames; frame++) {
    const start = Math.round((frame * last) / Math.max(1, numFrames - 1));
    const real = new Float32Array(windowSize);
    const imaginary = new Float32Array(windowSize);
    for (let i = 0; i < windowSize; i++) {
      const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / windowSize);
      real[i] = (samples[start + i] ?? 0) * window;
    }
    fft(real, imaginary);
    for (let bin = 0; bin < numBins; bin++) {
      powers[frame * numBins + bin] = real[bin] ** 2 + imaginary[bin] ** 2;
    }
  }
  const loudest = powers.reduce((a, b) => Math.max(a, b), 1e-12);
  const decibels = powers.map((power) => Math.max(FLOOR, 10 * Math.log10(power / loudest + 1e-12)));
  return { numFrames, numBins, decibels };
}

/** Returns the lowest and the highest sample of each of `count` parts of a sound. */
export function waveform(
  samples: Float32Array,
  count: number,
): { readonly low: number; readonly high: number }[] {
  return Array.from({ length: count }, (_, i) => {
    const part = samples.subarray(
      Math.floor((i * samples.length) / count),
      Math.max(Math.floor(((i + 1) * samples.length) / count), Math.floor((i * samples.length) / count) + 1),
    );
    let [low, high] = [0, 0];
    for (const sample of part) [low, high] = [Math.min(low, sample), Math.max(high, sample)];
    return { low, high };
  });
}
