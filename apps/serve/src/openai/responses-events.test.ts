import { expect, it } from 'vitest';
import type { InferenceEvent } from '../inference/model-host.js';
import { growingResponse } from './responses-events.js';
import { responsesRequest } from './responses-request.js';
import { responsesEvent, responsesResponse } from './responses-response.js';

const usage = { promptTokens: 1, promptSpanPositions: 0, generatedTokens: 2, generatedSpanPositions: 0 };
const start: InferenceEvent = { type: 'start', usage };
const text: InferenceEvent = { type: 'text', text: 'a' };
const end = (reason: 'stop' | 'length'): InferenceEvent => ({ type: 'end', reason, usage });

/** Returns the response for events of a model, and its server-sent events. */
function responseTo(...inputs: InferenceEvent[]) {
  const request = responsesRequest.parse({ input: 'x' });
  const growing = growingResponse({ id: '1', created: 1, model: 'fake', request });
  const events = inputs.flatMap((input) => growing.observe(input));
  for (const event of events) responsesEvent.parse(event);
  return { events, response: responsesResponse.parse(growing.response) };
}

it('sends a value that is no image once, without progress', () => {
  const mediaType = 'audio/wav';
  const bytes = Buffer.from('sound');
  const { events, response } = responseTo(
    start,
    text,
    { type: 'denoise-step', mediaType, step: 1, numSteps: 2, milliseconds: 1 },
    { type: 'preview', mediaType, index: 0, bytes },
    { type: 'file', mediaType, bytes },
    end('stop'),
  );
  expect(response.output.map(({ type, status }) => [type, status])).toEqual([
    ['message', 'completed'],
    ['output_file', 'completed'],
  ]);
  const result = bytes.toString('base64');
  expect(events.filter((event) => 'item' in event && event.item.type === 'output_file')).toMatchObject([
    { type: 'response.output_item.added', item: { status: 'in_progress', result: null } },
    { type: 'response.output_item.done', item: { status: 'completed', result } },
  ]);
  expect(events.some(({ type }) => type.includes('image'))).toBe(false);
});

it('leaves a message that is cut off incomplete', () => {
  const { events, response } = responseTo(start, text, end('length'));
  expect(response).toMatchObject({ status: 'incomplete', output: [{ status: 'incomplete' }] });
  const done = events.find(({ type }) => type === 'response.output_item.done');
  expect(done).toMatchObject({ item: { status: 'incomplete' } });
});

it('has items in events as they were', () => {
  const { events } = responseTo(start, text, text, end('stop'));
  expect(events.filter((event) => 'item' in event || 'part' in event || 'response' in event)).toMatchObject([
    { type: 'response.created', response: { status: 'in_progress', output: [] } },
    { type: 'response.in_progress', response: { output: [] } },
    { type: 'response.output_item.added', item: { status: 'in_progress', content: [] } },
    { type: 'response.content_part.added', part: { text: '' } },
    { type: 'response.content_part.done', part: { text: 'aa' } },
    { type: 'response.output_item.done', item: { status: 'completed', content: [{ text: 'aa' }] } },
    { type: 'response.completed', response: { output: [{ content: [{ text: 'aa' }] }] } },
  ]);
});
