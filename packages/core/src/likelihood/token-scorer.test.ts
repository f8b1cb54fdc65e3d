/** Scores with shared prefixes in a cache, against whole sequences through the model. */
import * as tf from '@transfusion/tfjs';
import '@transfusion/tfjs-backend-onnxruntime';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectClose } from '../testing-internals/expect-close.js';
import { warmParams } from '../testing-internals/toy-documents.js';
import { toyModel } from '../testing-internals/toy-modalities.js';
import { plainTokenScores } from './plain-token-scores.js';
import { createTokenScorer } from './token-scorer.js';
import type { TokenSequence } from './token-sequence.js';

const tolerance = { absolute: 1e-4, relative: 1e-4 };

describe.each([
  ['onnxruntime', {}],
  ['onnxruntime', { weights: 'per-modality', numKvHeads: 1, qkNorm: true }],
  ['cpu', { numKvHeads: 1 }],
] as const)('on %s, %o', (backend, transformer) => {
  beforeAll(() => tf.setBackend(backend));

  it('scores what the model scores', () => {
    const model = toyModel(transformer);
    const params = warmParams(model);
    const { bos, size } = model.vocabulary;
    const id = fc.integer({ min: 0, max: size - 1 });
    // Contexts that begin alike, and several ends of each.
    const batch = fc
      .tuple(
        fc.oneof(fc.array(id, { maxLength: 12 }), fc.array(id, { minLength: 140, maxLength: 150 })),
        fc.array(
          fc.tuple(
            fc.array(id, { maxLength: 9 }),
            fc.array(fc.array(id, { minLength: 1 }), { minLength: 1, maxLength: 4 }),
          ),
          {
            minLength: 1,
            maxLength: 3,
          },
        ),
      )
      .map(([common, contexts]) =>
        contexts.flatMap(([own, ends]) =>
          ends.map((end): TokenSequence => {
            const given = [bos, ...common, ...own];
            return { ids: Int32Array.from([...given, ...end]), contextLength: given.length };
          }),
        ),
      );
    const scorer = createTokenScorer(model, params);
    const unshared = createTokenScorer(model, params, { sharePrefixes: false });
    fc.assert(
      fc.property(batch, (sequences) => {
        const expected = plainTokenScores(model, params, sequences);
        for (const scores of [scorer.score(sequences), unshared.score(sequences)]) {
          expect(scores).toHaveLength(sequences.length);
          scores.forEach(({ logProbs, isGreedy }, i) => {
            expectClose(logProbs, expected[i].logProbs, tolerance);
            expect(isGreedy).toEqual(expected[i].isGreedy);
          });
        }
      }),
      { numRuns: backend === 'cpu' ? 3 : 6 },
    );
    scorer.dispose();
    unshared.dispose();
  });
});

it('computes what sequences begin with once', async () => {
  await tf.setBackend('onnxruntime');
  const model = toyModel({});
  const params = warmParams(model);
  const { bos } = model.vocabulary;
  const scorer = createTokenScorer(model, params);
  const sequence = (end: number[], given = [bos, 1, 2, 3, 4, 5]): TokenSequence => ({
    ids: Int32Array.from([...given, ...end]),
    contextLength: given.length,
  });
  scorer.score([sequence([1, 2]), sequence([3, 4])]);
  // Five of the context; its last id, and one of each end.
  expect(scorer.numComputed).toBe(5 + 2 * 2);
  scorer.score([sequence([5])]);
  expect(scorer.numComputed).toBe(9 + 1);
  scorer.score([sequence([1], [bos, 1, 2, 5, 1]), sequence([1], [bos, 1, 2, 5, 2, 2])]);
  // BOS, 1 and 2 are kept.
  expect(scorer.numComputed).toBe(10 + 1 + 1 + 2);
  scorer.dispose();
});

it.each([
  [[1], 1, 'has 1 ids of which 1 are context, expected at least one of context and one more'],
  [[1, 2], 0, 'has 2 ids of which 0 are context'],
  [[1, 999], 1, 'has the id 999, expected 0 to'],
])('refuses the sequence %o', async (ids, contextLength, message) => {
  await tf.setBackend('cpu');
  const model = toyModel({});
  const scorer = createTokenScorer(model, warmParams(model));
  expect(() => scorer.score([{ ids: Int32Array.from(ids), contextLength }])).toThrow(
    `token scorer: sequence 0 ${message}`,
  );
  scorer.dispose();
});
