import { createVocabulary } from '@transfusion/modality';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyDocument, strip, text, toyVocabulary } from '../testing-internals/toy-documents.js';
import { toyRegistry } from '../testing-internals/toy-modalities.js';
import { layoutDocument, spanAt } from './layout.js';

const { bos, eos } = toyVocabulary;
const layout = (...segments: Parameters<typeof layoutDocument>[2][number][]) =>
  layoutDocument(toyRegistry, toyVocabulary, segments);

it('writes markers around the document and its spans', () => {
  const { tokenIds, spans } = layout(text('ab'), strip([1, 2, 3, 4, 5, 6]), text('c'));
  const begin = toyVocabulary.beginOf('strip', [6]);
  const end = toyVocabulary.endOf('strip');
  expect([...tokenIds]).toEqual([bos, 0, 1, begin, 0, 0, 0, end, 2, eos]);
  expect(spans).toMatchObject([
    { modality: 'strip', start: 4, length: 3, latentShape: [6], precedesText: false },
  ]);
  expect([...layout().tokenIds]).toEqual([bos, eos]);
});

it('leaves a prompt open', () => {
  const { tokenIds } = layoutDocument(toyRegistry, toyVocabulary, [text('a')], { open: true });
  expect([...tokenIds]).toEqual([bos, 0]);
});

it('moves ids to where the vocabulary has them', () => {
  const moved = createVocabulary(toyRegistry, [...toyVocabulary.entries].reverse());
  const { tokenIds } = layoutDocument(toyRegistry, moved, [text('c')]);
  expect([...tokenIds]).toEqual([moved.bos, moved.tokensOf('text').start + 2, moved.eos]);
});

it('every span stands where its length has room, between its markers', () => {
  fc.assert(
    fc.property(anyDocument(6), (document) => {
      const { tokenIds, spans } = layoutDocument(toyRegistry, toyVocabulary, document);
      const latents = document.flatMap((segment) => ('latent' in segment ? [segment] : []));
      expect(spans.map(({ latent }) => latent)).toEqual(latents.map(({ latent }) => latent));
      const texts = document.reduce((sum, segment) => sum + ('ids' in segment ? segment.ids.length : 0), 0);
      const inSpans = spans.reduce((sum, { length }) => sum + length, 0);
      expect(tokenIds.length).toBe(2 + texts + inSpans + 2 * spans.length);
      spans.forEach(({ modality, start, length, latentShape }) => {
        expect(tokenIds[start - 1]).toBe(toyVocabulary.beginOf(modality, latentShape));
        expect(tokenIds[start + length]).toBe(toyVocabulary.endOf(modality));
        expect(length).toBe(latentShape[0] / 2);
      });
    }),
  );
});

const latent = strip([1, 2, 3, 4]);
it.each([
  ['first, followed by text', [latent, text('a')], [true]],
  ['first, followed by another span', [latent, latent, text('a')], [true, false]],
  ['after empty text', [text(''), latent, text('a')], [true]],
  ['after text', [text('a'), latent, text('a')], [false]],
  ['alone', [latent], [false]],
  ['followed by empty text', [latent, text('')], [false]],
])('detects whether a span precedes its caption: %s', (_, segments, expected) => {
  expect(layout(...segments).spans.map(({ precedesText }) => precedesText)).toEqual(expected);
});

it.each([
  [
    { modality: 'text', ids: Int32Array.of(0, 6) },
    "segment 0: the id 6 is out of range for 'text', expected 0 to 5",
  ],
  [{ modality: 'text', ids: Int32Array.of(-1) }, "the id -1 is out of range for 'text'"],
  [strip([1, 2]), "segment 0: the latent has the shape 2, expected one of 'strip': 4, 6"],
  [{ ...latent, modality: 'text' }, "segment 0: found a latent of 'text', which is discrete, expected ids"],
  [{ modality: 'strip', ids: Int32Array.of(1) }, "unknown entry 'strip:tokens'"],
  [{ ...latent, modality: 'image' }, "unknown modality 'image', expected one of 'text', 'strip', 'wave'"],
])('refuses %j', (segment, message) => {
  expect(() => layout(segment)).toThrow(message);
});

it('tells the place of a span before there is one', () => {
  expect(spanAt(toyRegistry.get('wave'), [6], 9)).toEqual({
    modality: 'wave',
    start: 9,
    length: 3,
    latentShape: [6],
  });
});
