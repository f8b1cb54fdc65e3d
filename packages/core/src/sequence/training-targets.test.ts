import * as tf from '@transfusion/tfjs';
import { disposeParams } from '@transfusion/nn';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import {
  anyDocument,
  packed,
  sequencesOf,
  strip,
  text,
  toyShape,
  toyVocabulary,
} from '../testing-internals/toy-documents.js';
import { toyRegistry } from '../testing-internals/toy-modalities.js';
import { assembleBatch, batchTensors, lossCounts } from './training-targets.js';
import { createRowPacker } from './pack.js';
import { groupKey } from './span-groups.js';
import type { TrainingSequence } from './training-sequence.js';

beforeAll(() => tf.setBackend('cpu'));

const shape = toyShape(3, 32, 4);

it('does not train on tokens that are not trainable, but on what comes after them', () => {
  const tokens = text('de');
  const [sequence] = sequencesOf([[{ ...text('abc'), trainable: false }, strip([1, 2, 3, 4]), tokens]]);
  const batch = assembleBatch(toyRegistry, toyVocabulary, shape, [[sequence]]);
  const [plain] = sequencesOf([[text('abc'), strip([1, 2, 3, 4]), tokens]]);
  const whole = assembleBatch(toyRegistry, toyVocabulary, shape, [[plain]]);
  // The three tokens after the begin marker are not predicted; everything else is unchanged.
  expect([...whole.tokenWeights.slice(0, 4)]).toEqual([1, 1, 1, 1]);
  expect([...batch.tokenWeights.slice(0, 4)]).toEqual([0, 0, 0, 1]);
  expect(batch.tokenWeights.slice(4)).toEqual(whole.tokenWeights.slice(4));
  expect(batch.sources).toEqual(whole.sources);
});

it('holds what a plain reading of the rows says', () => {
  fc.assert(
    fc.property(fc.array(anyDocument(), { maxLength: 8 }), (documents) => {
      const packer = createRowPacker<TrainingSequence>(shape, ({ layout }) => layout);
      const taken = sequencesOf(documents).filter((sequence) => packer.add(sequence));
      const batch = assembleBatch(toyRegistry, toyVocabulary, shape, packer.rows);
      expect(batch.numDocuments).toBe(taken.length);
      expect(batch.numElements).toBe(batch.documentIds.filter((id) => id >= 0).length);

      const V = toyVocabulary.size;
      const seenSpans = new Map<string, number>();
      let document = 0;
      let span = 0;
      packer.rows.forEach((row, rowIndex) => {
        let at = rowIndex * 32;
        for (const { layout, noiseSamples } of row) {
          const spanOf = (i: number) =>
            layout.spans.findIndex(({ start, length }) => i >= start && i < start + length);
          layout.tokenIds.forEach((id, i) => {
            expect(batch.positions[at + i]).toBe(i);
            expect(batch.documentIds[at + i]).toBe(document);
            const s = spanOf(i);
            if (s < 0) {
              expect(batch.spanIds[at + i]).toBe(-1);
              expect(batch.sources[at + i]).toBe(id);
            } else {
              expect(batch.spanIds[at + i]).toBe(span + s);
              expect(batch.sources[at + i]).toBeGreaterThanOrEqual(V);
            }
            const nextIsToken = i + 1 < layout.tokenIds.length && spanOf(i + 1) < 0;
            const counts = s < 0 && nextIsToken;
            expect(batch.tokenWeights[at + i]).toBe(counts ? 1 : 0);
            if (counts) expect(batch.targets[at + i]).toBe(layout.tokenIds[i + 1]);
          });
          layout.spans.forEach((filled, s) => {
            const key = groupKey(filled.modality, filled.latentShape);
            const n = seenSpans.get(key) ?? 0;
            seenSpans.set(key, n + 1);
            const group = batch.groups.find((candidate) => candidate.key === key)!;
            const size = filled.latentShape[0];
            expect(group.latents.slice(n * size, (n + 1) * size)).toEqual(filled.latent.data);
            expect(group.noise.slice(n * size, (n + 1) * size)).toEqual(noiseSamples[s].noise);
            expect(group.timesteps[n]).toBe(noiseSamples[s].timestep);
            expect(group.weights[n]).toBe(noiseSamples[s].weight);
            for (let p = 0; p < filled.length; p++) {
              const position = at + filled.start + p;
              expect(group.positions[n * filled.length + p]).toBe(position);
              expect(batch.sources[position]).toBe(V + sourceOf(batch, key, n * filled.length + p));
            }
          });
          at += layout.tokenIds.length;
          span += layout.spans.length;
          document++;
        }
        for (; at < (rowIndex + 1) * 32; at++) {
          expect([batch.documentIds[at], batch.spanIds[at], batch.tokenWeights[at]]).toEqual([-1, -1, 0]);
        }
      });
      for (const { key, numSpans, weights } of batch.groups) {
        expect(numSpans).toBe(seenSpans.get(key) ?? 0);
        expect(weights.subarray(numSpans).every((weight) => weight === 0)).toBe(true);
      }
    }),
    { numRuns: 30 },
  );
});

/** Elements of spans are numbered group by group, all slots counted. */
function sourceOf(batch: ReturnType<typeof assembleBatch>, key: string, element: number): number {
  let first = 0;
  for (const group of batch.groups) {
    if (group.key === key) return first + element;
    first += group.positions.length;
  }
  return NaN;
}

it('expects nothing after a begin marker, inside a span and across documents', () => {
  const batch = packed(toyShape(1, 16, 1), sequencesOf([[text('a'), strip([1, 2, 3, 4])], [text('b')]]));
  const { bos, eos } = toyVocabulary;
  const begin = toyVocabulary.beginOf('strip', [4]);
  // BOS a BEGIN · · END EOS | BOS b EOS
  expect([...batch.tokenWeights]).toEqual([1, 1, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0]);
  expect([...batch.targets.subarray(0, 9)]).toEqual([0, begin, 0, 0, 0, eos, 0, 1, eos]);
  expect(batch.sources[0]).toBe(bos);
  expect(lossCounts([batch])).toEqual({ tokens: 5, strip: 4, wave: 0 });
  expect(lossCounts([batch, batch])).toEqual({ tokens: 10, strip: 8, wave: 0 });
});

it('leaves out groups without slots', () => {
  const batch = packed(
    { numRows: 1, rowLength: 8, spanCapacity: { 'wave:6': 2 } },
    sequencesOf([[text('a')]]),
  );
  expect(batch.groups.map(({ key }) => key)).toEqual(['wave:6']);
});

it('refuses rows that do not fit the shape', () => {
  const [a] = sequencesOf([[strip([1, 2, 3, 4])]]);
  const assemble = (rows: TrainingSequence[][], slots = 1) =>
    assembleBatch(toyRegistry, toyVocabulary, toyShape(1, 8, slots), rows);
  expect(() => assemble([[a], []])).toThrow('2 rows in a batch of 1');
  expect(() => assemble([[a]], 0)).toThrow('no slots for spans of strip');
  expect(() => assemble([[a, a]])).toThrow('no more than 1 slots for spans of strip:4');
  expect(() => assemble([[a, a]], 2)).toThrow('row 0 has more than 8 positions');
});

it('becomes tensors of the types that the model reads', () => {
  const before = tf.memory().numTensors;
  const batch = packed(shape, sequencesOf([[text('ab'), strip([1, 2, 3, 4, 5, 6], 'wave')]]));
  const tensors = batchTensors(batch, { tokens: 7, strip: 0, wave: 9 });
  for (const tensor of [...Object.values(tensors.inputs), tensors.targets]) {
    expect([tensor.dtype, tensor.shape]).toEqual(['int32', [3, 32]]);
  }
  expect(tensors.tokenWeights.dtype).toBe('float32');
  const { latents, noise, timesteps, weights, positions } = tensors.groups['wave:6'];
  expect([latents.shape, noise.shape]).toEqual([
    [4, 6],
    [4, 6],
  ]);
  expect([timesteps.shape, weights.shape, positions.shape, positions.dtype]).toEqual([
    [4],
    [4],
    [12],
    'int32',
  ]);
  expect(tensors.counts['wave'].dataSync()[0]).toBe(9);
  disposeParams(tensors);
  expect(tf.memory().numTensors).toBe(before);
});
