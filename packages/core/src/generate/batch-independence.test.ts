/** With the real model: a request gives the same whatever else is in its batch, on either backend. */
import * as tf from '@transfusion/tfjs';
import '@transfusion/tfjs-backend-onnxruntime';
import { disposeParams } from '@transfusion/nn';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../testing-internals/expect-close.js';
import { warmParams } from '../testing-internals/toy-documents.js';
import { toyModel } from '../testing-internals/toy-modalities.js';
import { toyRequests } from '../testing-internals/toy-requests.js';
import { plainDocuments } from '../testing-internals/plain-documents.js';
import { roundUpCount } from './row-predictor.js';

describe.each(['cpu', 'onnxruntime'])('on %s', (backend) => {
  it('alone, in company, and in another order', async () => {
    await tf.setBackend(backend);
    const model = toyModel({ numKvHeads: 1 });
    const params = warmParams(model);
    const before = tf.memory().numTensors;
    const together = await plainDocuments(model, params, toyRequests);
    const segments = together.flat();
    expect(segments.filter((segment) => 'ids' in segment).length).toBeGreaterThan(1);
    expect(segments.filter((segment) => 'latent' in segment).length).toBeGreaterThan(1);
    const reversed = (await plainDocuments(model, params, [...toyRequests].reverse())).reverse();
    for (const [i, request] of toyRequests.entries()) {
      const [alone] = await plainDocuments(model, params, [request]);
      for (const other of [together[i], reversed[i]]) {
        expect(other.length).toBe(alone.length);
        alone.forEach((segment, k) => {
          const found = other[k];
          expect(found.modality).toBe(segment.modality);
          if ('ids' in segment) expect(found).toEqual(segment);
          else {
            const values = 'latent' in found ? found.latent.data : [];
            expectClose(values, segment.latent.data, { absolute: 1e-4, relative: 1e-4 });
          }
        });
      }
    }
    expect(tf.memory().numTensors).toBe(before);
    disposeParams(params);
  });
});

it('rounds counts of rows to few sizes', () => {
  expect([1, 2, 3, 5, 8, 9, 16, 17, 100].map(roundUpCount)).toEqual([1, 2, 4, 8, 8, 16, 16, 24, 104]);
});
