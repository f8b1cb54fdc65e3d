import { expect, expectTypeOf, it } from 'vitest';
import type { SegmentOf } from './document.js';
import { createModalityRegistry } from './registry.js';
import { letters, strips } from './testing-internals/toy-modalities.js';

it('keeps modalities in order and apart by kind, and knows their types', () => {
  const [text, strip, sound] = [letters('text'), strips('strip'), strips('sound')];
  const registry = createModalityRegistry(text, strip, sound);
  expect(registry.modalities).toEqual([text, strip, sound]);
  expect(registry.discrete).toEqual([text]);
  expect(registry.continuous).toEqual([strip, sound]);
  expect(registry.get('sound')).toBe(sound);
  expectTypeOf(registry.get('text').encode).parameter(0).toBeString();
  type Segments = SegmentOf<(typeof registry.modalities)[number]>;
  expectTypeOf<Extract<Segments, { modality: 'strip' }>['value']>().toEqualTypeOf<readonly number[]>();
});

it('says what there is when asked for what there is not', () => {
  const registry = createModalityRegistry(letters('text'), strips('strip'));
  expect(() => registry.get('image' as 'text')).toThrow(
    "There is no modality 'image', only 'text', 'strip'.",
  );
});

it.each([
  ['a name in capitals', [letters('Text')], /'Text' is no name for a modality/],
  ['a name with a dot', [letters('a.b')], /'a.b' is no name for a modality/],
  ['the name of all tokens together', [letters('tokens')], /'tokens' stands for all discrete modalities/],
  ['the name of all tokens together, for latents', [strips('tokens')], /Choose another name/],
  ['the name of the loss', [strips('loss')], /'loss' stands for the loss of all modalities together/],
  ['the output of whole documents', [letters('document')], /'document' stands for documents of all/],
  ['a name twice', [letters('text'), strips('text')], /two modalities are named 'text'/],
  [
    'another version of the contract',
    [{ ...letters('text'), specificationVersion: 'v2' as 'v1' }],
    /'text' follows version v2 of the contract, expected 'v1'/,
  ],
  [
    'another kind',
    [{ ...letters('text'), kind: 'mixed' as 'discrete' }],
    /'text' is of the kind mixed, expected 'discrete' or 'continuous'/,
  ],
  ['no latent shapes', [{ ...strips('strip'), latentShapes: [] }], /'strip' has no latentShapes/],
])('refuses %s', (_, modalities, message) => {
  expect(() => createModalityRegistry(...modalities)).toThrow(message);
});
