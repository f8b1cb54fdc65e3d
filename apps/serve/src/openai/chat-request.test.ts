import { expect, it } from 'vitest';
import { chatInferenceRequest, chatRequest } from './chat-request.js';

const messages = [{ role: 'user', content: 'hello' }];

function requestOf(fields: object) {
  return chatInferenceRequest(chatRequest.parse({ messages, ...fields }), [], 1);
}

it('chatInferenceRequest carries every option', () => {
  const fields = {
    max_tokens: 1,
    max_completion_tokens: 2,
    min_tokens: 3,
    temperature: 0,
    top_p: 0.5,
    top_k: 6,
    min_p: 0.1,
    repetition_penalty: 1.5,
    stop: 'end',
    logit_bias: { 7: -100, 8: 5 },
    num_inference_steps: 9,
    guidance_scale: 4,
    image_guidance_scale: 2,
    guidance_interval: [0.1, 0.9],
    negative_prompt: 'rain',
    scheduler: 'ddim',
    max_images: 3,
    size: '64x32',
  };
  expect(requestOf(fields)).toEqual({
    prompt: [],
    output: 'text',
    negativePrompt: 'rain',
    size: [64, 32],
    options: {
      seed: 1,
      maxTokens: 2,
      minTokens: 3,
      temperature: 0,
      topP: 0.5,
      topK: 6,
      minP: 0.1,
      repetitionPenalty: 1.5,
      stop: ['end'],
      logitBias: [
        { id: 7, bias: -100 },
        { id: 8, bias: 5 },
      ],
      numInferenceSteps: 9,
      guidanceScale: 4,
      spanGuidanceScale: 2,
      guidanceInterval: [0.1, 0.9],
      scheduler: 'ddim',
      maxSpans: 3,
    },
  });
});

it('takes null for no field', () => {
  expect(requestOf({ temperature: null, stop: null, size: null, n: null })).toEqual(requestOf({}));
});

it.each([
  [undefined, 'text'],
  [['text'], 'text'],
  [['image'], 'image'],
  [['audio', 'audio'], 'audio'],
  [['text', 'image'], 'document'],
])('generates for modalities %j: %s', (modalities, output) => {
  expect(requestOf({ modalities }).output).toBe(output);
});
