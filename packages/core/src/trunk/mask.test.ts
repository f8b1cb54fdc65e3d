import * as tf from '@transfusion/tfjs';
import '@transfusion/tfjs-backend-onnxruntime';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { attentionBias } from './mask.js';

/** Rows of documents, each a list of stretches: text (a length), or a span (a length). */
const stretch = fc.record({ isSpan: fc.boolean(), length: fc.integer({ min: 1, max: 3 }) });
const rows = fc.array(fc.array(fc.array(stretch, { minLength: 1, maxLength: 3 }), { maxLength: 3 }), {
  minLength: 1,
  maxLength: 3,
});
const S = 12;

describe.each(['cpu', 'onnxruntime'])('on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  it('is the plain rule for any layout', () => {
    fc.assert(
      fc.property(rows, fc.constantFrom('bidirectional' as const, 'causal' as const), (layout, attention) => {
        // What stands at each place: its document and its span, or nothing.
        let documents = 0;
        let spans = 0;
        const places = layout.map((row) => {
          const row1 = row.flatMap((document) => {
            const id = documents++;
            return document.flatMap(({ isSpan, length }) => {
              const span = isSpan ? spans++ : -1;
              return Array.from({ length }, () => ({ id, span }));
            });
          });
          return Array.from({ length: S }, (_, i) => row1[i] ?? { id: -1, span: -1 });
        });
        const bias = attentionBias(
          tf.tensor2d(
            places.map((row) => row.map(({ id }) => id)),
            undefined,
            'int32',
          ),
          tf.tensor2d(
            places.map((row) => row.map(({ span }) => span)),
            undefined,
            'int32',
          ),
          attention,
        );
        expect(bias.shape).toEqual([layout.length, 1, S, S]);
        const found = bias.dataSync();
        places.forEach((row, b) =>
          row.forEach((of, i) =>
            row.forEach((other, j) => {
              let isVisible = j <= i;
              if (attention === 'bidirectional' && of.span >= 0 && of.span === other.span) isVisible = true;
              if (of.id !== other.id) isVisible = false;
              const value = found[(b * S + i) * S + j];
              if (value !== (isVisible ? 0 : Math.fround(-1e9))) {
                expect.fail(`row ${b}: ${i} ${isVisible ? 'should' : 'should not'} see ${j}`);
              }
            }),
          ),
        );
      }),
      { numRuns: 25 },
    );
  });
});
