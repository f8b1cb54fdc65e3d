import { describe, expect, it } from 'vitest';
import type { InferenceEvent } from '../inference/model-host.js';
import { chatChunk, chatCompletion, chatEventChunk, chatResponse } from './chat-response.js';

const header = { id: 'chatcmpl-1', created: 1, model: 'fake' };
const usage = { promptTokens: 2, promptSpanPositions: 16, generatedTokens: 3, generatedSpanPositions: 8 };
const url = `data:image/png;base64,${Buffer.from('image').toString('base64')}`;
const image = { type: 'image_url', image_url: { url } };
const events: InferenceEvent[] = [
  { type: 'start', usage },
  { type: 'text', text: 'one ' },
  { type: 'text', text: 'two' },
  { type: 'denoise-step', mediaType: 'image/png', step: 1, numSteps: 1, milliseconds: 1 },
  { type: 'file', mediaType: 'image/png', bytes: Buffer.from('image') },
  { type: 'text', text: 'three' },
  { type: 'end', reason: 'length', usage },
];

describe('chatCompletion', () => {
  it('has text and images apart, by default', () => {
    const completion = chatResponse.parse(chatCompletion(header, [events], 'string'));
    expect(completion.choices[0]).toMatchObject({
      finish_reason: 'length',
      message: { content: 'one twothree', images: [image] },
    });
    expect(completion.usage).toEqual({
      prompt_tokens: 18,
      completion_tokens: 11,
      total_tokens: 29,
      prompt_tokens_details: { text_tokens: 2, image_tokens: 16 },
      completion_tokens_details: { text_tokens: 3, image_tokens: 8 },
    });
  });

  it('has them in order as parts', () => {
    const { message } = chatResponse.parse(chatCompletion(header, [events], 'parts')).choices[0];
    expect(message).not.toHaveProperty('images');
    expect(message.content).toEqual([
      { type: 'text', text: 'one two' },
      image,
      { type: 'text', text: 'three' },
    ]);
  });

  it('has no text if there is none, and audio as such', () => {
    const spoken: InferenceEvent = { type: 'file', mediaType: 'audio/wav', bytes: Buffer.from('sound') };
    const { message } = chatCompletion(header, [[spoken, events.at(-1)!]], 'string').choices[0];
    expect(message).toMatchObject({
      content: null,
      audio: { data: Buffer.from('sound').toString('base64') },
    });
  });

  it('counts the prompt of several choices once', () => {
    const { usage: total, choices } = chatCompletion(header, [events, events], 'string');
    expect(choices.map(({ index }) => index)).toEqual([0, 1]);
    expect(total).toMatchObject({ prompt_tokens: 18, completion_tokens: 22, total_tokens: 40 });
  });
});

it('chatEventChunk leaves out what clients do not read', () => {
  const chunks = events.map((event) => chatEventChunk(header, 1, event));
  expect(chunks.map((chunk) => chunk && chatChunk.parse(chunk).choices[0].delta)).toEqual([
    { role: 'assistant', content: '' },
    { content: 'one ' },
    { content: 'two' },
    undefined,
    { images: [image] },
    { content: 'three' },
    {},
  ]);
  expect(chunks.at(-1)?.choices[0]).toMatchObject({ index: 1, finish_reason: 'length' });
});
