import fc from 'fast-check';
import type { SequenceLayout } from '@transfusion/core';
import { expect, it } from 'vitest';
import { splitLayout } from './split-layout.js';

/** A document whose ids are their positions. */
const tokens = (length: number): SequenceLayout => ({
  tokenIds: Int32Array.from({ length }, (_, i) => i),
  spans: [],
});

it('predicts each token exactly once, in full rows except for the last', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 2, max: 20 }), (length, rowLength) => {
      const pieces = splitLayout(tokens(length), rowLength).map(({ tokenIds }) => [...tokenIds]);
      expect(pieces.flatMap(([, ...predicted]) => predicted)).toEqual([...tokens(length).tokenIds.slice(1)]);
      for (const piece of pieces) piece.slice(1).forEach((id, i) => expect(id).toBe(piece[i] + 1));
      for (const piece of pieces.slice(0, -1)) expect(piece).toHaveLength(rowLength);
      expect(pieces[0][0]).toBe(0);
    }),
  );
});

it('splits the flags of untrained tokens with them', () => {
  const untrained = Uint8Array.from({ length: 20 }, (_, i) => (i % 3) & 1);
  for (const piece of splitLayout({ ...tokens(20), untrained }, 7)) {
    expect([...piece.untrained!]).toEqual([...piece.tokenIds].map((id) => untrained[id]));
  }
});

it('does not split documents that fit, documents with spans, or for rows too short for a prediction', () => {
  const span = { modality: 'image', start: 2, length: 4, latentShape: [4], precedesText: false };
  const spans = [{ ...span, latent: { shape: [4], data: new Float32Array(4) } }];
  for (const [layout, rowLength] of [
    [tokens(8), 8],
    [{ ...tokens(9), spans }, 8],
    [tokens(9), 1],
  ] as const) {
    expect(splitLayout(layout, rowLength)).toEqual([layout]);
  }
});
