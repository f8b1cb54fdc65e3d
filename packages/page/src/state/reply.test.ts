import { expect, it } from 'vitest';
import type { GenerationEvent } from '../api/backend.js';
import { finishedReply, startReply, withReplyEvent, type Reply } from './reply.js';
import { defaultSettings } from './settings.js';

const value = { mediaType: 'image/png', bytes: Uint8Array.of(1) };
const started = startReply({ ...defaultSettings, seed: 1 }, 0);
const after = (...events: readonly GenerationEvent[]): Reply =>
  events.reduce((reply, event, i) => withReplyEvent(reply, event, i), started);

it('puts texts and values in order', () => {
  const reply = after(
    { type: 'start', model: 'emoji' },
    { type: 'text', item: 0, text: 'a' },
    { type: 'text', item: 0, text: 'b' },
    { type: 'step', item: 1, step: 1, numSteps: 2 },
    { type: 'preview', item: 1, value },
  );
  expect(reply).toMatchObject({ status: 'running', settings: { model: 'emoji' } });
  expect(reply.parts).toMatchObject([
    { text: 'ab' },
    { step: 1, numSteps: 2, preview: { type: 'image/png' } },
  ]);
  expect(finishedReply(reply)).toBeUndefined();
  const finished = withReplyEvent(reply, { type: 'value', item: 1, value }, 9);
  expect(finished.parts[1]).toMatchObject({ preview: undefined, file: { type: 'image/png' } });
});

it('keeps only what is finished', () => {
  const stopped = {
    ...after(
      { type: 'value', item: 0, value },
      { type: 'preview', item: 1, value },
      { type: 'text', item: 2, text: ' ' },
    ),
    status: 'stopped' as const,
  };
  expect(finishedReply(stopped)?.parts.map(({ item }) => item)).toEqual([0]);
  expect(
    finishedReply({ ...after({ type: 'text', item: 0, text: 'half' }), status: 'stopped' }),
  ).toBeUndefined();
  expect(
    finishedReply(after({ type: 'text', item: 0, text: 'whole' }, { type: 'end', reason: 'stop' })),
  ).toBeDefined();
});
