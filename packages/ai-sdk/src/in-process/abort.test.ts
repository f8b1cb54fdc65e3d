import { createEngine } from '@transfusion/core';
import type { TrainedModel } from '@transfusion/pipelines';
import { generateImage, generateText, streamText } from 'ai';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  transfusionInProcess,
  type TransfusionImageModelOptions,
  type TransfusionLanguageModelOptions,
  type TransfusionProvider,
} from '../index.js';
import { tinyModel } from '../testing-internals/tiny-model.js';

let trained: TrainedModel & { engine: ReturnType<typeof createEngine> };
let provider: TransfusionProvider;
beforeAll(async () => {
  const model = await tinyModel();
  trained = { ...model, engine: createEngine(model.model, model.params) };
  provider = transfusionInProcess(trained, { modelId: 'tiny' });
});
beforeEach(() => {
  globalThis.AI_SDK_LOG_WARNINGS = false;
});

const imageOptions = (options: TransfusionImageModelOptions = {}) => ({
  transfusion: { numInferenceSteps: 2, guidanceScale: 2, ...options },
});
const textOptions = (options: TransfusionLanguageModelOptions) => ({
  transfusion: { numInferenceSteps: 2, ...options },
});

describe('abort', () => {
  const isIdle = () =>
    vi.waitFor(() => expect(trained.engine.stats).toMatchObject({ numRequests: 0, numRows: 0 }));
  const slow = textOptions({ modalities: ['image'], numInferenceSteps: 1000 });

  it('ends a stream', async () => {
    const controller = new AbortController();
    const { fullStream } = streamText({
      model: provider('tiny'),
      prompt: 'red',
      includeRawChunks: true,
      abortSignal: controller.signal,
      providerOptions: slow,
    });
    const types: string[] = [];
    for await (const { type } of fullStream) {
      types.push(type);
      if (type === 'raw' && types.length > 6) controller.abort();
    }
    expect(types.at(-1)).toBe('abort');
    await isIdle();
  });

  it('ends generation when the stream is canceled', async () => {
    const { stream } = await provider('tiny').doStream({
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'red' }] }],
      includeRawChunks: true,
      providerOptions: slow,
    });
    const reader = stream.getReader();
    while ((await reader.read()).value?.type !== 'raw');
    await reader.cancel();
    await isIdle();
  });

  it.each(['generateText', 'generateImage'] as const)('ends %s', async (name) => {
    const controller = new AbortController();
    const shared = { prompt: 'red', abortSignal: controller.signal };
    const call =
      name === 'generateText'
        ? generateText({ ...shared, model: provider('tiny'), providerOptions: slow })
        : generateImage({
            ...shared,
            model: provider.imageModel('tiny'),
            n: 3,
            providerOptions: imageOptions({ numInferenceSteps: 1000 }),
          });
    const failed = expect(call).rejects.toThrow('enough');
    // All images of a call are generated at the same time.
    await vi.waitFor(() => expect(trained.engine.stats.numRequests).toBe(name === 'generateText' ? 1 : 3));
    controller.abort(new Error('enough'));
    await failed;
    await isIdle();
    // Later requests are not affected.
    expect(
      (await generateText({ model: provider('tiny'), prompt: 'a', maxOutputTokens: 2 })).finishReason,
    ).toBeDefined();
  });
});
