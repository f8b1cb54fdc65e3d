import type OpenAI from 'openai';
import { expect, it } from 'vitest';
import { responsesPrompt } from './responses-prompt.js';
import { responsesInferenceRequest, responsesRequest } from './responses-request.js';

type Fields = Partial<OpenAI.Responses.ResponseCreateParams>;

const issueOf = (fields: object) => responsesRequest.safeParse({ input: 'x', ...fields }).error?.issues[0];
const requestOf = (fields: Fields) =>
  responsesInferenceRequest(responsesRequest.parse({ input: 'x', ...fields }), [], undefined, [1]);

it("takes OpenAI's fields that change nothing, and refuses values that would", () => {
  const neutral: Fields = {
    stream_options: { include_obfuscation: false },
    text: { format: { type: 'text' }, verbosity: 'low' },
    reasoning: { effort: 'none', summary: null },
    prompt_cache_key: 'key',
    top_logprobs: 0,
    parallel_tool_calls: false,
    conversation: null,
    prompt: null,
    moderation: null,
    context_management: null,
    previous_response_id: null,
  };
  expect(requestOf(neutral)).toEqual(requestOf({}));
  expect(requestOf({ reasoning: null, stream_options: null })).toEqual(requestOf({}));
  expect(issueOf({ reasoning: { effort: 'high' } })).toMatchObject({ path: ['reasoning', 'effort'] });
  expect(issueOf({ conversation: 'conv_1' })).toMatchObject({ path: ['conversation'] });
  const tools = [{ type: 'image_generation', background: 'transparent' }];
  expect(issueOf({ tools })?.message).toContain('opaque images only');
});

const promptOf = (type: string) => {
  const image_url = `data:${type};base64,YWJj`;
  const part = { type: 'input_image', detail: 'original', file_id: null, image_url };
  return responsesPrompt(responsesRequest.parse({ input: [{ role: 'user', content: [part] }] }));
};

it('takes images of any detail, and no other files', () => {
  expect(promptOf('image/png')).toMatchObject([{ part: { type: 'file', mediaType: 'image/png' } }]);
  expect(() => promptOf('audio/wav')).toThrow(
    'input[0].content[0].image_url: found a file of type audio/wav',
  );
});
