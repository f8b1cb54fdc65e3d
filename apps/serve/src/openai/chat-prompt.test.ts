import { describe, expect, it } from 'vitest';
import { chatPrompt } from './chat-prompt.js';
import { chatRequest } from './chat-request.js';

const png = Buffer.from('an image');
const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${png.toString('base64')}` } };
const file = { type: 'file', mediaType: 'image/png', bytes: png };

function promptOf(...messages: object[]) {
  return chatPrompt(chatRequest.parse({ messages }).messages).map(({ part }) => part);
}

describe('chatPrompt', () => {
  it('joins texts of different messages by a newline, and those of one message by nothing', () => {
    const parts = [
      { type: 'text', text: 'b' },
      { type: 'text', text: 'c' },
    ];
    expect(promptOf({ role: 'system', content: 'a' }, { role: 'user', content: parts })).toEqual([
      { type: 'text', text: 'a\nbc' },
    ]);
  });

  it('keeps the order of texts and files', () => {
    const parts = [image, { type: 'text', text: 'a' }, image];
    const text = { type: 'text', text: 'a' };
    expect(promptOf({ role: 'user', content: parts })).toEqual([file, text, file]);
  });

  it('reads replies of the server', () => {
    expect(
      promptOf({ role: 'assistant', content: null, images: [image] }, { role: 'user', content: 'bluer' }),
    ).toEqual([file, { type: 'text', text: 'bluer' }]);
  });

  it('reads audio, also of replies', () => {
    const data = Buffer.from('sound').toString('base64');
    const audio = { id: 'audio_1', data, expires_at: 1, transcript: '' };
    expect(promptOf({ role: 'assistant', content: null, refusal: null, audio })).toEqual([
      { type: 'file', mediaType: 'audio/*', bytes: Buffer.from('sound') },
    ]);
    expect(
      promptOf({ role: 'user', content: [{ type: 'input_audio', input_audio: { data, format: 'mp3' } }] }),
    ).toEqual([{ type: 'file', mediaType: 'audio/mpeg', bytes: Buffer.from('sound') }]);
  });
});
