/** Speech of a model with sounds, through its engine: a toy that has learnt nothing. */
import { createTransfusion, transformerPreset } from '@transfusion/core';
import { selectEngine } from '@transfusion/engine';
import { createModalityRegistry, type Modality } from '@transfusion/modality';
import { text } from '@transfusion/modality-text';
import { createRng } from '@transfusion/nn';
import type { TrainedModel } from '@transfusion/pipelines';
import { beforeAll, expect, it } from 'vitest';
import { localHost } from '../testing-internals/local-host.js';
import { listeningServer } from '../testing-internals/test-server.js';
import { toySound } from '../testing-internals/toy-sound.js';

let trained: TrainedModel;
beforeAll(async () => {
  await selectEngine('auto');
  const modalities = createModalityRegistry(text(), toySound);
  const model = createTransfusion({ modalities, transformer: transformerPreset('nano') });
  trained = { model, params: model.init(createRng(1)) } as unknown as TrainedModel<Modality>;
});

it('generates a file of the modality’s media type: others for other prompts and seeds, the same bytes under load', async () => {
  const limits = { maxPromptTokens: 100, maxTokens: 100, maxInferenceSteps: 10, maxSpans: 1 };
  const info = { mediaTypes: ['text', 'audio'] as const, imageSizes: [], denoising: undefined };
  const { client, url } = await listeningServer({
    models: [localHost('toy', { trained, sizes: [], limits }, info)],
  });
  const speech = async (input: string, seed: number): Promise<Buffer> => {
    const answer = await client.audio.speech.create({ model: 'toy', voice: 'any', input, ...{ seed } });
    expect(answer.headers.get('content-type')).toBe('audio/wav');
    return Buffer.from(await answer.arrayBuffer());
  };
  const alone = await speech('hello', 1);
  expect(alone.subarray(0, 4).toString()).toBe('RIFF');
  expect(alone).toHaveLength(44 + 32);
  const load = Array.from({ length: 20 }, (_, i) => speech(`other ${i}`, i));
  const [again, otherPrompt, otherSeed] = await Promise.all([
    speech('hello', 1),
    speech('good-bye', 1),
    speech('hello', 2),
  ]);
  await Promise.all(load);
  expect(again).toEqual(alone);
  expect(otherPrompt).not.toEqual(alone);
  expect(otherSeed).not.toEqual(alone);
  const streamed = await fetch(`${url}/v1/audio/speech`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ input: 'hello', seed: 1, stream_format: 'sse' }),
  });
  const [delta] = (await streamed.text()).split('\n\n');
  const { audio } = JSON.parse(delta.slice(delta.indexOf('{'))) as { readonly audio: string };
  expect(Buffer.from(audio, 'base64')).toEqual(alone);
});
