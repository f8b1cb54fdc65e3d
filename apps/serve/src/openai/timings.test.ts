import { expect, it } from 'vitest';
import type { InferenceEvent } from '../inference/model-host.js';
import { startStopwatch } from './timings.js';

const usage = { promptTokens: 1, promptSpanPositions: 0, generatedTokens: 1, generatedSpanPositions: 0 };
const file = { mediaType: 'image/png', bytes: new Uint8Array() };

it('adds up the time before each event by what the event reports', () => {
  let time = 0;
  const stopwatch = startStopwatch(() => time);
  const events: readonly (readonly [milliseconds: number, event: InferenceEvent])[] = [
    [3, { type: 'start', usage }],
    [10.04, { type: 'text', text: 'a' }],
    [
      20,
      { type: 'denoise-step', mediaType: 'image/png', step: 1, numSteps: 2, timestep: 9, milliseconds: 20 },
    ],
    [1, { type: 'preview', index: 0, ...file }],
    [
      20,
      { type: 'denoise-step', mediaType: 'image/png', step: 2, numSteps: 2, timestep: 5, milliseconds: 20 },
    ],
    [7, { type: 'file', ...file }],
    [2, { type: 'end', reason: 'stop', usage }],
  ];
  for (const [milliseconds, event] of events) {
    time += milliseconds;
    stopwatch.observe(event);
  }
  expect(stopwatch.timings).toEqual({
    queue_ms: 3,
    tokens_ms: 12,
    denoising_ms: 41,
    decoding_ms: 7,
  });
});
