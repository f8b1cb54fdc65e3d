import { fileURLToPath } from 'node:url';
import type { GenerationRequest } from '@transfusion/core';
import { encodeDocument } from '@transfusion/modality';
import { createRng } from '@transfusion/nn';
import { createModel } from '@transfusion/recipes';
import { selectEngine } from '@transfusion/tfjs-backend-onnxruntime';
import { expect, test } from 'vitest';
import { generateValues } from './generated-values.js';
import { openRecipe } from './recipe-reference.js';

test('generates sixteen requests at a time, and the same as alone', async () => {
  await selectEngine('auto');
  const recipe = await openRecipe({
    recipe: fileURLToPath(new URL('testing-internals/squares.ts', import.meta.url)),
  });
  const model = createModel(recipe);
  const run = { model, params: model.init(createRng(0)), step: 0, recipe };
  const prompt = await encodeDocument(model.modalities, { segments: [{ modality: 'text', value: 'red' }] });
  const requestOf = (seed: number): GenerationRequest => ({
    prompt,
    seed,
    maxTokens: 2,
    minTokens: 2,
    maxSpans: 0,
  });

  let taken = 0;
  function* requests(): Generator<GenerationRequest> {
    while (taken < 35) yield requestOf(taken++);
  }
  const takenBefore: number[] = [];
  const texts: string[] = [];
  for await (const { text } of generateValues(run, requests())) {
    takenBefore.push(taken);
    texts.push(text);
  }
  expect(takenBefore).toEqual([
    ...new Array<number>(16).fill(16),
    ...new Array<number>(16).fill(32),
    ...new Array<number>(3).fill(35),
  ]);
  for (const seed of [0, 17, 34]) {
    for await (const { text } of generateValues(run, [requestOf(seed)])) expect(text).toBe(texts[seed]);
  }
});
