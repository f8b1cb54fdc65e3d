import { expect, it } from 'vitest';
import type { GenerationEvent } from '../api/backend.js';
import { emptyTimeline, timeShares, withEvent } from './timeline.js';

const value = { mediaType: 'image/png', bytes: new Uint8Array() };
const events: readonly (readonly [at: number, event: GenerationEvent])[] = [
  [5, { type: 'start', model: 'm' }],
  [10, { type: 'text', item: 0, text: 'a' }],
  [20, { type: 'text', item: 0, text: 'b' }],
  [50, { type: 'step', item: 1, step: 1, numSteps: 2, timestep: 9 }],
  [51, { type: 'preview', item: 1, value }],
  [80, { type: 'step', item: 1, step: 2, numSteps: 2, timestep: 4 }],
  [90, { type: 'value', item: 1, value }],
  [95, { type: 'text', item: 2, text: 'c' }],
];
const timeline = events.reduce((before, [at, event]) => withEvent(before, event, at), emptyTimeline);

it('has spans one after another', () => {
  expect(timeline.startedAt).toBe(5);
  expect(timeline.spans).toMatchObject([
    { kind: 'text', item: 0, start: 5, end: 20, pieces: [10, 20] },
    {
      kind: 'value',
      item: 1,
      start: 20,
      end: 90,
      mediaType: 'image/png',
      steps: [
        { step: 1, timestep: 9, at: 50 },
        { step: 2, timestep: 4, at: 80 },
      ],
    },
    { kind: 'text', item: 2, start: 90, end: 95 },
  ]);
});

it('shows where the time went as the server measured it, or as it was seen', () => {
  expect(timeShares(timeline)).toEqual([
    { name: 'queue', milliseconds: 5 },
    { name: 'tokens', milliseconds: 20 },
    { name: 'denoising', milliseconds: 60 },
    { name: 'decoding', milliseconds: 10 },
  ]);
  const ended = withEvent(
    timeline,
    { type: 'end', reason: 'stop', timings: { queue_ms: 2, decoding_ms: 0 } },
    99,
  );
  expect(ended.endedAt).toBe(99);
  expect(timeShares(ended)).toEqual([{ name: 'queue', milliseconds: 2 }]);
});
