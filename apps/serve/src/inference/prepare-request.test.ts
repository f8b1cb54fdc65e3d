import { createTransfusion, transformerPreset } from '@transfusion/core';
import { createModalityRegistry } from '@transfusion/modality';
import { image, imageMedia } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import type { TrainedModel } from '@transfusion/pipelines';
import { beforeEach, expect, it } from 'vitest';
import { pngOf } from '../testing-internals/images.js';
import type { InferenceRequest } from './model-host.js';
import { prepareRequest, type RequestContext } from './prepare-request.js';

const decoding = { now: 0, most: 0, times: 0 };
let onDecode: (() => void) | undefined;
beforeEach(() => {
  Object.assign(decoding, { now: 0, most: 0, times: 0 });
  onDecode = undefined;
});

const media = imageMedia();
const modalities = createModalityRegistry(
  text(),
  image({
    latentShapes: [[8, 8, 3]],
    media: {
      ...media,
      decode: async (bytes) => {
        decoding.times++;
        onDecode?.();
        decoding.most = Math.max(decoding.most, ++decoding.now);
        const value = await media.decode(bytes);
        decoding.now--;
        return value;
      },
    },
  }),
);
const model = createTransfusion({ modalities, transformer: transformerPreset('nano') });
const context: RequestContext = {
  // Prompts of pixels and bytes are encoded without parameters.
  trained: { model, params: {} } as unknown as TrainedModel,
  sizes: [{ width: 8, height: 8, latentShape: [8, 8, 3] }],
  limits: { maxPromptTokens: 10, maxTokens: 10, maxInferenceSteps: 10, maxSpans: 1 },
};
const file = { type: 'file', mediaType: 'image/png', bytes: await pngOf(9, 9) } as const;
const request: InferenceRequest = { prompt: [file, file], output: 'image', seeds: [1, 2], options: {} };
const { signal } = new AbortController();

it('decodes a file once for all outputs, and one file at a time', async () => {
  const prepared = await Promise.all([1, 2, 3].map(() => prepareRequest(context, request, [signal, signal])));
  expect(decoding).toEqual({ now: 0, most: 1, times: 6 });
  expect(prepared[0].stream.usage).toMatchObject({ promptSpanPositions: 8 });
});

it('decodes nothing that nobody waits for, and something for one of several outputs', async () => {
  const aborted = AbortSignal.abort(new Error('the client went'));
  await expect(prepareRequest(context, request, [aborted, aborted])).rejects.toThrow('the client went');
  expect(decoding.times).toBe(0);
  await prepareRequest(context, request, [aborted, signal]);
  expect(decoding.times).toBe(2);
});

it('decodes no further file when nobody waits any more', async () => {
  const controller = new AbortController();
  onDecode = () => controller.abort(new Error('the client went'));
  await expect(prepareRequest(context, request, [controller.signal])).rejects.toThrow('the client went');
  expect(decoding.times).toBe(1);
});

it('decodes nothing for a request that is refused for something else', async () => {
  const refusals: Partial<InferenceRequest>[] = [
    { size: [9, 9] },
    { output: 'audio' },
    { options: { maxTokens: 11 } },
    { prompt: [file, { ...file, mediaType: 'audio/wav' }] },
  ];
  for (const change of refusals) {
    const refused = prepareRequest(context, { ...request, ...change }, [signal]);
    await expect(refused).rejects.toMatchObject({ kind: 'invalid' });
  }
  expect(decoding.times).toBe(0);
});

it('refuses a prompt with too many elements before it is generated from', async () => {
  const three = prepareRequest(context, { ...request, prompt: [file, file, file] }, [signal]);
  await expect(three).rejects.toThrow('the prompt’s tokens: found 12, expected at most 10');
});

it('text does not wait for files', async () => {
  const order: string[] = [];
  const prepare = async (name: string, prompt: InferenceRequest['prompt']): Promise<void> => {
    await prepareRequest(context, { ...request, prompt }, [signal]);
    order.push(name);
  };
  await Promise.all([prepare('files', [file]), prepare('text', [{ type: 'text', text: 'red' }])]);
  expect(order).toEqual(['text', 'files']);
});
