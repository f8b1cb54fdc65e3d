/** The model that is shipped generates the same image and caption. */
import { emojiModelFolder } from '@transfusion/emoji';
import { selectEngine } from '@transfusion/engine';
import { imageFactory, type RgbImage } from '@transfusion/modality-image';
import { textFactory } from '@transfusion/modality-text';
import { generate, type TrainedModel } from '@transfusion/pipelines';
import { loadModel as loadRun } from '@transfusion/runs';
import { expect, it } from 'vitest';
import { loadModel } from './load-model.js';
import { exportTiny, folderOf } from './testing-internals/exported-folder.js';

it('generates the image of the engine within 1/255, and its caption', async () => {
  await selectEngine('onnxruntime');
  const trained = (await loadRun(emojiModelFolder, [
    textFactory(),
    imageFactory(),
  ])) as unknown as TrainedModel;
  const model = await loadModel(folderOf(await exportTiny(trained)), { device: 'wasm', numThreads: 1 });
  const request = { prompt: [{ modality: 'text', value: 'a red apple' }], output: 'image', seed: 1 } as const;
  const expected = (await generate(trained, {
    ...request,
    numInferenceSteps: 4,
    guidanceScale: 2,
  })) as RgbImage;
  let data: ArrayLike<number> = [];
  for await (const event of model.generate(request)) if (event.type === 'value') data = event.value.data;
  const differences = expected.data.map((byte, i) => Math.abs(byte - data[i]));
  expect(Math.max(...differences)).toBeLessThanOrEqual(1);

  const caption = {
    prompt: [{ modality: 'image', value: expected }],
    output: 'text',
    seed: 2,
    maxTokens: 12,
  } as const;
  let text = '';
  for await (const event of model.generate(caption)) if (event.type === 'text') text += event.text;
  expect(text).toBe(await generate(trained, caption));
  await model.dispose();
});
