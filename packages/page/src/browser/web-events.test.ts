import type { ArrayValue, WebEvent } from '@transfusion/web';
import { expect, it } from 'vitest';
import type { GenerationEvent } from '../api/backend.js';
import { generationEvents } from './web-events.js';

const usage = { promptTokens: 3, promptSpanPositions: 16, generatedTokens: 2, generatedSpanPositions: 32 };
const value = (byte: number): ArrayValue => ({ shape: [1], data: Uint8Array.of(byte) });
const step = (index: number, numSteps = 3): WebEvent => ({
  type: 'denoise-step',
  modality: 'images',
  step: index,
  numSteps,
  timestep: 1000 - index,
  preview: async () => value(100 + index),
});

async function translated(
  events: readonly WebEvent[],
  millisecondsPerPreview = 0,
): Promise<GenerationEvent[]> {
  let clock = 0;
  async function* given() {
    for (const event of events) {
      clock += 10;
      yield event;
    }
  }
  const encode = async ({ data }: ArrayValue, mediaType = 'none') => {
    clock += millisecondsPerPreview;
    return { mediaType, bytes: Uint8Array.from(data) };
  };
  const mediaTypeOf = (modality: string) => (modality === 'images' ? 'image/png' : undefined);
  const all: GenerationEvent[] = [];
  for await (const event of generationEvents(given(), 'emoji', mediaTypeOf, encode, () => clock))
    all.push(event);
  return all;
}

it('counts texts and values, and sums up what was read and generated', async () => {
  const file = { type: 'value', modality: 'images', mediaType: 'image/png', value: value(9) } as const;
  expect(
    await translated([
      { type: 'start', usage },
      { type: 'text', modality: 'words', text: 'an ' },
      { type: 'text', modality: 'words', text: 'owl' },
      step(1, 1),
      file,
      file,
      { type: 'text', modality: 'words', text: '!' },
      { type: 'end', reason: 'length', usage },
    ]),
  ).toEqual([
    { type: 'start', model: 'emoji' },
    { type: 'text', item: 0, text: 'an ' },
    { type: 'text', item: 0, text: 'owl' },
    { type: 'step', item: 1, step: 1, numSteps: 1, timestep: 999 },
    { type: 'value', item: 1, value: { mediaType: 'image/png', bytes: Uint8Array.of(9) } },
    { type: 'value', item: 2, value: { mediaType: 'image/png', bytes: Uint8Array.of(9) } },
    { type: 'text', item: 3, text: '!' },
    { type: 'end', reason: 'length', usage: { inputTokens: 19, outputTokens: 34 } },
  ]);
});

it('shows previews, but no more than steps have time for', async () => {
  const steps = Array.from({ length: 10 }, (_, i) => step(i + 1, 10));
  const previewsOf = async (millisecondsPerPreview: number): Promise<number[]> =>
    (await translated(steps, millisecondsPerPreview)).flatMap((event) =>
      event.type === 'preview' ? [event.value.bytes[0] - 100] : [],
    );
  expect(await previewsOf(0)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  // 5 ms of a preview, 20 ms of steps.
  expect(await previewsOf(5)).toEqual([1, 3, 5, 7, 9]);
});
