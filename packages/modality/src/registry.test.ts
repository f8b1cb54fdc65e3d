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

it('refuses two modalities of one name', () => {
  expect(() => createModalityRegistry(letters('text'), strips('text'))).toThrow(
    "two modalities are named 'text'",
  );
});

it.each([
  [[[letters('text')]], 'found an array. Pass the modalities as arguments'],
  [[letters], 'found a function. Call it'],
  [[letters('text'), undefined], 'as argument 1, found undefined'],
  [['text'], 'found string. Pass modalities, such as text()'],
])('refuses arguments that are no modalities: %#', (modalities, message) => {
  expect(() => createModalityRegistry(...(modalities as never[]))).toThrow(message);
});
