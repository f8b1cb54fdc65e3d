import { expect, it } from 'vitest';
import { fft, spectrogram, waveform } from './fft.js';

it('is the discrete Fourier transform', () => {
  const length = 16;
  const [real, imaginary] = [0, 1].map((k) => Float32Array.from({ length }, (_, i) => Math.sin(i * i + k)));
  const expected = Array.from({ length }, (_, bin) => {
    let [re, im] = [0, 0];
    for (let i = 0; i < length; i++) {
      const angle = (-2 * Math.PI * bin * i) / length;
      re += real[i] * Math.cos(angle) - imaginary[i] * Math.sin(angle);
      im += real[i] * Math.sin(angle) + imaginary[i] * Math.cos(angle);
    }
    return [re, im];
  });
  fft(real, imaginary);
  for (const [bin, [re, im]] of expected.entries()) {
    expect(real[bin]).toBeCloseTo(re, 4);
    expect(imaginary[bin]).toBeCloseTo(im, 4);
  }
});

it('finds a tone at its frequency', () => {
  const [rate, frequency] = [8000, 1000];
  const tone = Float32Array.from({ length: 4000 }, (_, i) => Math.sin((2 * Math.PI * frequency * i) / rate));
  const { numFrames, numBins, decibels } = spectrogram(tone, 256, 10);
  expect([numFrames, numBins, decibels.length]).toEqual([10, 128, 1280]);
  for (let frame = 0; frame < numFrames; frame++) {
    const bins = decibels.subarray(frame * numBins, (frame + 1) * numBins);
    expect(bins.indexOf(Math.max(...bins))).toBe((frequency * 256) / rate);
    expect(bins[100]).toBeLessThan(-60);
  }
});

it('takes silence and sounds shorter than a window', () => {
  expect(spectrogram(new Float32Array(3), 8, 2).decibels.every((value) => value === -80)).toBe(true);
});

it('lists the extremes of each part', () => {
  expect(waveform(Float32Array.of(0.5, -0.25, 1, 0.75), 2)).toEqual([
    { low: -0.25, high: 0.5 },
    { low: 0, high: 1 },
  ]);
  expect(waveform(Float32Array.of(0.5), 3)).toHaveLength(3);
});
