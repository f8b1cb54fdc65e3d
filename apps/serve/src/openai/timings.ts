/** Record of where the time of a response went. */
import { z } from 'zod';
import type { InferenceEvent } from '../inference/model-host.js';

const milliseconds = (description: string) => z.number().describe(description);

/** Milliseconds of a response by what was done in them. */
export const timingsResponse = z
  .object({
    queue_ms: milliseconds('Until generation began: reading the files of the prompt, and waiting.'),
    tokens_ms: milliseconds('Reading the prompt and sampling tokens.'),
    denoising_ms: milliseconds(
      'Denoising, with previews, which are encoded meanwhile; the first step of a response without texts also reads the ' +
        'prompt.',
    ),
    decoding_ms: milliseconds('Decoding finished values into files.'),
  })
  .meta({ id: 'Timings' });

/** Times by what was done in them. */
export type Timings = z.infer<typeof timingsResponse>;

const names: Readonly<Record<InferenceEvent['type'], keyof Timings>> = {
  start: 'queue_ms',
  text: 'tokens_ms',
  'denoise-step': 'denoising_ms',
  preview: 'denoising_ms',
  file: 'decoding_ms',
  // Nothing follows the last value but the token that ends the document.
  end: 'tokens_ms',
};

/** Times from now on: the time before an event was spent on what the event reports. */
export interface Stopwatch {
  observe(event: InferenceEvent): void;
  /** Returns the times so far, rounded to a tenth. */
  readonly timings: Timings;
}

/** Starts a stopwatch; `now` returns milliseconds. */
export function startStopwatch(now: () => number = () => performance.now()): Stopwatch {
  const times: Timings = { queue_ms: 0, tokens_ms: 0, denoising_ms: 0, decoding_ms: 0 };
  let last = now();
  return {
    observe({ type }) {
      const time = now();
      times[names[type]] += time - last;
      last = time;
    },
    get timings() {
      const rounded = Object.entries(times).map(([name, time]) => [name, Math.round(10 * time) / 10]);
      return Object.fromEntries(rounded) as Timings;
    },
  };
}
