/** A sound: player, waveform, spectrogram. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { spectrogram, waveform } from '../audio/fft.js';
import { urlOf } from '../state/object-urls.js';

const WINDOW = 512;
const COLUMNS = 400;
const WAVE_HEIGHT = 72;

/** The sound. */
export function AudioValue({ file }: { readonly file: Blob }) {
  const wave = useRef<HTMLCanvasElement>(null);
  const spectrum = useRef<HTMLCanvasElement>(null);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    let isGone = false;
    void samplesOf(file).then(
      (samples) => {
        if (isGone) return;
        showWaveform(wave.current!, samples);
        showSpectrogram(spectrum.current!, samples);
      },
      () => setProblem('This browser cannot read the sound; download it instead.'),
    );
    return () => {
      isGone = true;
    };
  }, [file]);
  return (
    <div class="audio-value">
      <audio controls src={urlOf(file)} aria-label="Sound" />
      {problem === '' ? (
        <>
          <canvas
            ref={wave}
            class="waveform"
            width={COLUMNS}
            height={WAVE_HEIGHT}
            role="img"
            aria-label="Waveform"
          />
          <canvas
            ref={spectrum}
            class="spectrogram"
            width={COLUMNS}
            height={WINDOW / 2}
            role="img"
            aria-label="Spectrogram: time to the right, frequency upwards"
          />
        </>
      ) : (
        <p class="muted">{problem}</p>
      )}
    </div>
  );
}

/** Returns the first channel, at whatever rate. */
async function samplesOf(file: Blob): Promise<Float32Array> {
  const context = new OfflineAudioContext(1, 1, 44_100);
  const buffer = await context.decodeAudioData(await file.arrayBuffer());
  return buffer.getChannelData(0);
}

function showWaveform(canvas: HTMLCanvasElement, samples: Float32Array): void {
  const context = canvas.getContext('2d')!;
  context.fillStyle = getComputedStyle(canvas).color;
  const middle = WAVE_HEIGHT / 2;
  for (const [x, { low, high }] of waveform(samples, COLUMNS).entries()) {
    context.fillRect(x, middle - high * middle, 1, Math.max(1, (high - low) * middle));
  }
}

function showSpectrogram(canvas: HTMLCanvasElement, samples: Float32Array): void {
  const { numFrames, numBins, decibels } = spectrogram(samples, WINDOW, COLUMNS);
  const image = new ImageData(numFrames, numBins);
  for (let frame = 0; frame < numFrames; frame++) {
    for (let bin = 0; bin < numBins; bin++) {
      const loudness = 1 + decibels[frame * numBins + bin] / 80;
      const at = 4 * ((numBins - 1 - bin) * numFrames + frame);
      image.data.set(heat(loudness), at);
    }
  }
  canvas.getContext('2d')!.putImageData(image, 0, 0);
}

/** Returns a color from dark violet over pink to light yellow. */
function heat(value: number): [number, number, number, number] {
  const channel = (center: number): number => 255 * Math.min(1, Math.max(0, value * 1.6 - center));
  return [channel(0.1), channel(0.65), 60 + 120 * value * (1.4 - value), 255];
}
