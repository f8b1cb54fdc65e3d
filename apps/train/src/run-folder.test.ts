import { loadEmoji } from '@transfusion/emoji';
import { selectEngine } from '@transfusion/engine';
import { disposeParams } from '@transfusion/nn';
import { textToImage } from '@transfusion/pipelines';
import { beforeAll, expect, test } from 'vitest';
import { openRun } from './run-folder.js';

beforeAll(async () => {
  await selectEngine('onnxruntime');
});

test(
  'emoji draws as the model that @transfusion/emoji loads, which makes it by hand',
  { timeout: 120_000 },
  async () => {
    const [emoji, run] = [await loadEmoji(), await openRun('emoji')];
    const options = { numInferenceSteps: 3, seed: 4 };
    const drawn = await textToImage(run, ['red apple, noto'], options);
    expect(drawn).toEqual(await textToImage(emoji, ['red apple, noto'], options));
    disposeParams(run.params);
    emoji.dispose();
  },
);
