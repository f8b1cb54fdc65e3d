/** Likelihoods of continuations: those of lm-evaluation-harness, and of whole sequences through the model. */
import * as tf from '@transfusion/tfjs';
import { createTransfusion, transformerConfig } from '@transfusion/core';
import { plainTokenScores } from '@transfusion/core/testing';
import { createModalityRegistry } from '@transfusion/modality';
import { createRng } from '@transfusion/nn';
import { beforeAll, describe, expect, it } from 'vitest';
import { golden, goldenLlama } from '../testing-internals/golden-llama.js';
import { melody } from '../testing-internals/melody.js';
import type { TrainedModel } from '../trained-model.js';
import {
  encodePair,
  logLikelihoods,
  type LogLikelihood,
  type LogLikelihoodsOptions,
} from './log-likelihoods.js';
import { textEncoder } from './text-encoder.js';

async function all(
  trained: TrainedModel,
  requests: Parameters<typeof logLikelihoods>[1],
  options?: LogLikelihoodsOptions,
): Promise<LogLikelihood[]> {
  const results: LogLikelihood[] = [];
  for await (const result of logLikelihoods(trained, requests, options)) results.push(result);
  return results;
}

describe.each(['onnxruntime', 'cpu'])('on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  it.each([24, 256])('are those of lm-evaluation-harness, with %i positions', async (maxLength) => {
    const trained = await goldenLlama();
    const expected = golden.likelihoods.filter((likelihood) => likelihood.maxLength === maxLength);
    const found = await all(trained, expected, { maxLength });
    expect(found.map(({ isGreedy }) => isGreedy)).toEqual(expected.map(({ isGreedy }) => isGreedy));
    found.forEach(({ logProb }, i) => expect(logProb).toBeCloseTo(expected[i].logProb, 4));
  });
});

it('are the same with contexts of their own, and from the logits of whole sequences', async () => {
  await tf.setBackend('onnxruntime');
  const trained = await goldenLlama();
  const contexts = ['The sun', 'The sun rises in the', 'Question: what is water made of? Answer:', ''];
  // More requests than a batch holds, also of one context.
  const requests = contexts.flatMap((context, c) =>
    Array.from({ length: 4 + 20 * c }, (_, i) => ({ context, continuation: ` ${i} cats and ${i * c} dogs` })),
  );
  const shared = await all(trained, requests);
  const alone = await all(trained, requests, { sharePrefixes: false });
  const encode = textEncoder(trained);
  const { model, params } = trained;
  const sequences = await Promise.all(requests.map((r, i) => encodePair(encode, model.vocabulary.bos, r, i)));
  const plain = plainTokenScores(model, params, sequences);
  expect(shared).toHaveLength(requests.length);
  shared.forEach(({ logProb, numTokens, isGreedy }, i) => {
    const sum = plain[i].logProbs.reduce((total, value) => total + value, 0);
    expect(logProb).toBeCloseTo(sum, 4);
    expect(alone[i].logProb).toBeCloseTo(sum, 4);
    expect(numTokens).toBe(plain[i].logProbs.length);
    expect(isGreedy).toBe(alone[i].isGreedy);
  });
});

it('pulls requests only as batches need them', async () => {
  await tf.setBackend('cpu');
  let numPulled = 0;
  function* requests() {
    for (;;) {
      numPulled++;
      yield { context: `${numPulled}`, continuation: ' cats' };
    }
  }
  for await (const { numTokens } of logLikelihoods(await goldenLlama(), requests())) {
    expect(numTokens).toBeGreaterThan(0);
    break;
  }
  expect(numPulled).toBe(33);
});

it.each([
  [
    { context: 'a', continuation: '' },
    {},
    'logLikelihoods: the continuation of request 0 has 0 tokens, expected 1 to 2048',
  ],
  [{ context: '', continuation: 'a b c d' }, { maxLength: 2 }, 'has 7 tokens, expected 1 to 2 (maxLength)'],
  [
    { context: '', continuation: 'a' },
    { maxLength: 0 },
    'logLikelihoods: maxLength is 0, expected a positive integer',
  ],
  [{ context: '', continuation: 'a' }, { maxlength: 2 }, "unknown field 'maxlength'"],
])('refuses %o with %o', async (request, options, message) => {
  await tf.setBackend('cpu');
  const trained = await goldenLlama();
  await expect(all(trained, [request], options as LogLikelihoodsOptions)).rejects.toThrow(message);
});

it('refuses a model without text', async () => {
  await tf.setBackend('cpu');
  const transformer = transformerConfig({ modelDim: 8, numLayers: 1, numHeads: 2, ffnDim: 8 });
  const model = createTransfusion({ modalities: createModalityRegistry(melody), transformer });
  const trained = { model, params: model.init(createRng(1)) } as unknown as TrainedModel;
  const found = all(trained, [{ context: '', continuation: 'a' }]);
  await expect(found).rejects.toThrow("The model has no text modality, only 'melody'.");
});
