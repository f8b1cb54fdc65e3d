import { expect, it } from 'vitest';
import type { Document } from '@transfusion/modality';
import { createRng } from '@transfusion/nn';
import { captionPairs, type CaptionPairsOptions } from './caption-pairs.js';
import { pair } from './testing-internals/data-set-folder.js';

const rng = createRng(5);
const PLACES = 10_000;

/** Counts the forms of {@link PLACES} pairs. */
function countForms(options?: CaptionPairsOptions, document: Document = pair('a cat', 'cat')) {
  const transform = captionPairs(options);
  const counts: Record<string, number> = {};
  for (let i = 0; i < PLACES; i++) {
    const form = transform(document, rng.fork(i)).segments.map(({ modality }) => modality);
    counts[form.join()] = (counts[form.join()] ?? 0) + 1;
  }
  return counts;
}

it('puts the caption first four times of five, and drops a tenth of these', () => {
  const counts = countForms();
  expect(Object.keys(counts).toSorted()).toEqual(['image', 'image,text', 'text,image']);
  expect(Math.abs(counts['image,text'] - 2000)).toBeLessThan(200);
  expect(Math.abs(counts['image'] - 800)).toBeLessThan(140);
  // Whichever way the source has them.
  const turned = { segments: pair('a cat', 'cat').segments.toReversed() };
  expect(countForms({}, turned)).toEqual(counts);
});

it('takes other probabilities', () => {
  expect(countForms({ captionFirst: 1, captionDropout: 0 })).toEqual({ 'text,image': PLACES });
  expect(countForms({ captionFirst: 0 })).toEqual({ 'image,text': PLACES });
  expect(countForms({ captionFirst: 1, captionDropout: 1 })).toEqual({ image: PLACES });
});

it('takes captions of a different modality', () => {
  const document = {
    segments: [
      { modality: 'image', value: 1 },
      { modality: 'speech', value: 2 },
    ],
  };
  const counts = countForms({ captionModality: 'speech', captionFirst: 1, captionDropout: 0 }, document);
  expect(counts).toEqual({ 'speech,image': PLACES });
});

it('keeps the parts of a caption together', () => {
  const [text, image] = pair('a cat', 'cat').segments;
  const parts = [text, { modality: 'text', value: ', by hand', trainable: false }];
  for (const segments of [
    [...parts, image],
    [image, ...parts],
  ]) {
    const forms = [0, 1].map((captionFirst) =>
      captionPairs({ captionFirst, captionDropout: 0 })({ segments }, rng),
    );
    expect(forms).toEqual([{ segments: [image, ...parts] }, { segments: [...parts, image] }]);
  }
  expect(countForms({ captionFirst: 1, captionDropout: 1 }, { segments: [...parts, image] })).toEqual({
    image: PLACES,
  });
});

it('returns other documents unchanged', () => {
  const text = { modality: 'text', value: 'a' };
  const image = { modality: 'image', value: 1 };
  const others = [[], [text], [image], [text, text], [image, image], [text, image, text]];
  for (const segments of others) {
    const document = { segments };
    for (let i = 0; i < 20; i++) expect(captionPairs()(document, rng.fork(i))).toBe(document);
  }
});

it('throws for probabilities outside [0, 1]', () => {
  expect(() => captionPairs({ captionFirst: 1.5 })).toThrow(
    'captionFirst is 1.5, expected a number from 0 to 1',
  );
  expect(() => captionPairs({ captionDropout: NaN })).toThrow(
    'captionDropout is NaN, expected a number from 0 to 1',
  );
});
