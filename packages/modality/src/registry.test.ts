import { expect, expectTypeOf, it } from 'vitest';
import type { SegmentOf } from './document.js';
import { createModalityRegistry } from './registry.js';
import { letters, strips } from './testing-internals/toy-modalities.js';

it('keeps modalities in order, separates them by kind, and is typed by them', () => {
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

it('names the known modalities for an unknown one', () => {
  const registry = createModalityRegistry(letters('text'), strips('strip'));
  expect(() => registry.get('image' as 'text')).toThrow(
    "unknown modality 'image', expected one of 'text', 'strip'.",
  );
});

it.each([
  ['a name in capitals', [letters('Text')], /name of a modality is 'Text', expected/],
  ['a name with a dot', [letters('a.b')], /name of a modality is 'a\.b', expected/],
  [
    'the name of all tokens together',
    [letters('tokens')],
    /'tokens' is reserved for all discrete modalities/,
  ],
  ['the name of all tokens together, for latents', [strips('tokens')], /Choose a different one/],
  ['the name of the loss', [strips('loss')], /'loss' is reserved for the loss of all modalities together/],
  ['the output of whole documents', [letters('document')], /'document' is reserved for documents of all/],
  ['a name twice', [letters('text'), strips('text')], /two modalities are named 'text'/],
  [
    'another version of the contract',
    [{ ...letters('text'), specificationVersion: 'v2' as 'v1' }],
    /'text' follows version v2 of the contract, expected 'v1'/,
  ],
  [
    'another kind',
    [{ ...letters('text'), kind: 'mixed' as 'discrete' }],
    /'text' has the kind mixed, expected 'discrete' or 'continuous'/,
  ],
  ['no latent shapes', [{ ...strips('strip'), latentShapes: [] }], /'strip' has no latentShapes/],
])('refuses %s', (_, modalities, message) => {
  expect(() => createModalityRegistry(...modalities)).toThrow(message);
});

it.each([
  [[[letters('text')]], 'found an array. Pass the modalities as arguments'],
  [[letters], 'found a function. Call it'],
  [[letters('text'), undefined], 'as argument 1, found undefined'],
  [['text'], 'found string. Pass modalities, such as text()'],
])('refuses arguments that are no modalities: %#', (modalities, message) => {
  expect(() => createModalityRegistry(...(modalities as never[]))).toThrow(message);
});
