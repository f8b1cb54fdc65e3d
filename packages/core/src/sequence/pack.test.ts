import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyDocument, sequencesOf, strip, text, toyShape } from '../testing-internals/toy-documents.js';
import { createRowPacker } from './pack.js';
import { groupKey } from './span-groups.js';
import type { TrainingSequence } from './training-sequence.js';

const layoutOf = ({ layout }: TrainingSequence) => layout;

it('takes the first row with room, and keeps documents whole, in order and within the capacities', () => {
  const shapes = fc.record({ rows: fc.integer({ min: 1, max: 3 }), slots: fc.integer({ min: 4, max: 6 }) });
  fc.assert(
    fc.property(fc.array(anyDocument(), { maxLength: 10 }), shapes, (documents, { rows, slots }) => {
      const shape = toyShape(rows, 32, slots);
      const sequences = sequencesOf(documents);
      const packer = createRowPacker<TrainingSequence>(shape, layoutOf);
      const used = new Array<number>(rows).fill(0);
      const spans = new Map<string, number>();
      const expected = Array.from({ length: rows }, (): TrainingSequence[] => []);
      for (const sequence of sequences) {
        const length = sequence.layout.tokenIds.length;
        const keys = sequence.layout.spans.map((span) => groupKey(span.modality, span.latentShape));
        const after = new Map(spans);
        for (const key of keys) after.set(key, (after.get(key) ?? 0) + 1);
        const row = used.findIndex((taken) => taken + length <= 32);
        const fits = row >= 0 && [...after.values()].every((count) => count <= slots);
        expect(packer.add(sequence)).toBe(fits);
        if (!fits) continue;
        expected[row].push(sequence);
        used[row] += length;
        for (const [key, count] of after) spans.set(key, count);
      }
      expect(packer.rows).toEqual(expected);
    }),
  );
});

it('goes on with documents that fit after one that did not', () => {
  const [long, short] = sequencesOf([[text('abcdef')], [text('a')]]);
  const packer = createRowPacker<TrainingSequence>(toyShape(1, 12, 0), layoutOf);
  expect([long, long, short, short].map((sequence) => packer.add(sequence))).toEqual([
    true,
    false,
    true,
    false,
  ]);
});

it('says which document fits into no batch', () => {
  const [long, spans, other] = sequencesOf([
    [text('abcdefabcdef')],
    [strip([1, 2, 3, 4]), strip([1, 2, 3, 4])],
    [strip([1, 2, 3, 4], 'wave')],
  ]);
  const shape = { numRows: 9, rowLength: 12, spanCapacity: { 'strip:4': 1 } };
  const packer = createRowPacker<TrainingSequence>(shape, layoutOf);
  expect(() => packer.add(long)).toThrow(
    'The document has 14 positions, expected at most 12, the length of a row. Increase rowLength, or shorten the document.',
  );
  expect(() => packer.add(spans)).toThrow('2 spans of strip:4, expected at most 1');
  expect(() => packer.add(other)).toThrow('1 spans of wave:4, expected at most 0');
});
