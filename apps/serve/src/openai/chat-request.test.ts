import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { PromptPart } from '../inference/model-host.js';
import { chatInferenceRequest, chatRequest } from './chat-request.js';

const messages = [{ role: 'user', content: 'hello' }];
const file = (mediaType: string) => ({ type: 'file', mediaType, bytes: new Uint8Array() }) as const;

function requestOf(fields: object, prompt: readonly PromptPart[] = []) {
  return chatInferenceRequest(chatRequest.parse({ messages, ...fields }), prompt, [1]);
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
    modalities: ['image'],
  };
  expect(requestOf(fields)).toEqual({
    prompt: [],
    output: 'image',
    negativePrompt: 'rain',
    size: [64, 32],
    seeds: [1],
    options: {
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

it('keeps the size of the last file of the kind that it generates, unless a size is named', () => {
  const prompt = [file('image/png'), file('image/png'), file('audio/*')];
  expect(requestOf({ modalities: ['image'] }, prompt).keepsSizeOf).toBe(1);
  expect(requestOf({ modalities: ['audio'] }, prompt).keepsSizeOf).toBe(2);
  for (const modalities of [['text'], ['text', 'image']]) {
    expect(requestOf({ modalities }, prompt)).not.toHaveProperty('keepsSizeOf');
  }
});

it('takes a size for images alone', () => {
  const issues = (fields: object) =>
    chatRequest.safeParse({ messages, size: '64x64', ...fields }).error?.issues;
  expect(issues({ modalities: ['image', 'image'] })).toBeUndefined();
  for (const modalities of [undefined, ['text'], ['text', 'image']]) {
    expect(issues({ modalities })).toMatchObject([{ path: ['size'] }]);
  }
});

describe('a body with very many entries', () => {
  const many = Array.from({ length: 100_000 }, (_, i) => i);
  const record = Object.fromEntries(many.map((i) => [`key ${i}`, i]));

  it.each<[string, object]>([
    ['messages', { messages: many }],
    ['messages', { messages: [{ role: 'user', content: many }] }],
    ['messages', { messages: [{ role: 'user', images: many }] }],
    ['messages', { messages: many.map(() => null) }],
    ['metadata', { metadata: record }],
    ['logit_bias', { logit_bias: record }],
    ['modalities', { modalities: many }],
    ['stop', { stop: many }],
  ])('has one issue: %s', (field, fields) => {
    const { error } = chatRequest.safeParse({ messages, ...fields });
    expect(error!.issues[0].path).toEqual([field]);
    expect(countIssues(error!.issues)).toBeLessThan(10);
  });

  it('has an issue for each at most when they are as many as there may be', () => {
    const content = Array.from({ length: 2047 }, () => ({ type: 'nothing' }));
    const { error } = chatRequest.safeParse({ messages: [{ role: 'user', content }] });
    expect(countIssues(error!.issues)).toBeLessThan(2100);
  });
});

function countIssues(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce((sum, issue) => {
    const inner = issue.code === 'invalid_union' ? issue.errors.flat() : [];
    return sum + 1 + countIssues(inner);
  }, 0);
}

it("takes OpenAI's fields that change nothing, and refuses values that would", () => {
  const neutral: Omit<OpenAI.ChatCompletionCreateParams, 'messages' | 'model'> = {
    stream_options: { include_obfuscation: false },
    verbosity: 'low',
    reasoning_effort: 'none',
    prompt_cache_key: 'key',
    prompt_cache_retention: '24h',
    parallel_tool_calls: true,
    tools: [],
    tool_choice: 'auto',
    top_logprobs: null,
    moderation: null,
    service_tier: 'auto',
  };
  expect(requestOf(neutral)).toEqual(requestOf({}));
  for (const fields of [
    { reasoning_effort: 'high' },
    { tools: [{ type: 'function' }] },
    { top_logprobs: 2 },
  ]) {
    expect(chatRequest.safeParse({ messages, ...fields }).error?.issues[0].path[0]).toBe(
      Object.keys(fields)[0],
    );
  }
});

it("takes metadata within OpenAI's limits", () => {
  const parse = (metadata: object) => chatRequest.safeParse({ messages, metadata }).success;
  expect(parse({ ['k'.repeat(64)]: 'v'.repeat(512) })).toBe(true);
  expect(parse({ ['k'.repeat(65)]: 'v' })).toBe(false);
  expect(parse({ k: 'v'.repeat(513) })).toBe(false);
});
