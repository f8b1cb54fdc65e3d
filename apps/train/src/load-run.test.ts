import { loadEmoji } from '@transfusion/emoji';
import { selectEngine } from '@transfusion/engine';
import { textToImage } from '@transfusion/pipelines';
import { Command } from 'commander';
import { beforeAll, expect, test } from 'vitest';
import { loadRun } from './load-run.js';

beforeAll(async () => {
  await selectEngine('onnxruntime');
});

test('emoji generates as the model that @transfusion/emoji loads', { timeout: 120_000 }, async () => {
  const [emoji, run] = [
    await loadEmoji(),
    await loadRun('emoji', {}, new Command().option('--engine <name>', '', 'onnxruntime')),
  ];
  const options = { numInferenceSteps: 3, seed: 4 };
  const generated = await textToImage(run, ['red apple, noto'], options);
  expect(generated).toEqual(await textToImage(emoji, ['red apple, noto'], options));
  run.dispose();
  emoji.dispose();
});
