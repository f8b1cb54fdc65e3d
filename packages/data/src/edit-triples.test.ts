import { expect, it } from 'vitest';
import type { Document } from '@transfusion/modality';
import { createRng } from '@transfusion/nn';
import { editTriples, type EditTriplesOptions } from './edit-triples.js';

const rng = createRng(5);
const PLACES = 5000;

/** `it/i`: what stands for what; texts are small, images large. */
function documentOf(form: string): Document {
  const segments = [...form].map((letter, value) => ({ modality: letter === 't' ? 'text' : 'image', value }));
  return { segments };
}

/** Counts how often the segments with these numbers were kept. */
function countForms(form: string, options?: EditTriplesOptions): Record<string, number> {
  const transform = editTriples(options);
  const counts: Record<string, number> = {};
  for (let i = 0; i < PLACES; i++) {
    const key = transform(documentOf(form), rng.fork(i))
      .segments.map(({ value }) => String(value))
      .join('');
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

it('drops the instruction of one edit in twenty, and also the source of another', () => {
  const counts = countForms('iti');
  expect(Object.keys(counts).toSorted()).toEqual(['012', '02', '2']);
  expect(Math.abs(counts['02'] - PLACES / 20)).toBeLessThan(60);
  expect(Math.abs(counts['2'] - PLACES / 20)).toBeLessThan(60);
});

it('marks instructions as not trainable, but not captions before the image', () => {
  const none = { instructionDropout: 0, sourceDropout: 0 };
  const { segments } = editTriples(none)(documentOf('titi'), rng);
  expect(segments.map(({ trainable }) => trainable)).toEqual([undefined, undefined, false, undefined]);
});

it('takes other probabilities', () => {
  expect(countForms('iti', { instructionDropout: 0, sourceDropout: 0 })).toEqual({ '012': PLACES });
  expect(countForms('iti', { instructionDropout: 1, sourceDropout: 0 })).toEqual({ '02': PLACES });
  expect(countForms('iti', { instructionDropout: 0, sourceDropout: 1 })).toEqual({ '2': PLACES });
});

it('handles edits with captions, and of several images', () => {
  const all = { instructionDropout: 1, sourceDropout: 0 };
  expect(countForms('titi', all)).toEqual({ '13': PLACES });
  expect(countForms('itiiti', all)).toEqual({ '0235': PLACES });
});

it.each(['i', 't', 'ti', 'it', 'ii', 'tt', 'itit', ''])('returns %j unchanged', (form) => {
  const document = documentOf(form);
  expect(editTriples({ instructionDropout: 0.5, sourceDropout: 0.5 })(document, rng)).toBe(document);
});

it('takes instructions of a different modality', () => {
  const document = {
    segments: [
      { modality: 'image', value: 0 },
      { modality: 'speech', value: 1 },
      { modality: 'image', value: 2 },
    ],
  };
  const options = { instructionDropout: 1, sourceDropout: 0 };
  expect(editTriples({ ...options, instructionModality: 'speech' })(document, rng).segments).toHaveLength(2);
  expect(editTriples(options)(document, rng)).toBe(document);
});

it.each([
  { instructionDropout: -0.1 },
  { sourceDropout: 1.1 },
  { instructionDropout: 0.6, sourceDropout: 0.6 },
  { sourceDropout: NaN },
])('refuses %j', (options) => {
  expect(() => editTriples(options)).toThrow(
    /^editTriples: instructionDropout is .* expected numbers from 0 to 1 with a sum of at most 1/,
  );
});
