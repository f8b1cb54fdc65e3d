import { expect, it } from 'vitest';
import type { FilledSpan } from '../../sequence/layout.js';
import type { Piece } from '../pieces.js';
import { createPrefixCache, type Block, type PrefixNode } from './prefix-cache.js';

const tokens = (...ids: number[]): Piece => ({ kind: 'tokens', ids });
const span = (...data: number[]): Piece => {
  const latent = { shape: [data.length], data: Float32Array.from(data) };
  return { kind: 'span', span: { modality: 'strip', length: 2, latent } as unknown as FilledSpan };
};
const block = (floats: number): Block => ({ length: 1, arrays: [new Float32Array(floats)] });

/** Computes a document's pieces that are not known; returns how many were. */
function read(cache: ReturnType<typeof createPrefixCache>, pieces: readonly Piece[], floats = 10): number {
  let node: PrefixNode = cache.root;
  let known = 0;
  for (const piece of pieces) {
    const found = cache.find(node, piece);
    if (found !== undefined) {
      known++;
      node = found;
      continue;
    }
    const owned = cache.own(node, piece);
    owned.resolve(block(floats));
    node = owned.node;
  }
  return known;
}

it('knows the pieces that documents begin with alike', () => {
  const cache = createPrefixCache(1e6);
  expect(read(cache, [tokens(1, 2), span(0, 1, 2), tokens(3)])).toBe(0);
  expect(read(cache, [tokens(1, 2), span(0, 1, 2), tokens(4)])).toBe(2);
  expect(read(cache, [tokens(1, 2), span(0, 1, 2), tokens(3)])).toBe(3);
  // Another order, other ids with the same digits, another value in the middle of a span.
  expect(read(cache, [span(0, 1, 2)])).toBe(0);
  expect(read(cache, [tokens(12)])).toBe(0);
  expect(read(cache, [tokens(1, 2), span(0, 1, 5, 2, 2)])).toBe(1);
  expect(read(cache, [tokens(1, 2), span(0, 3, 5, 2, 2)])).toBe(1);
});

it('forgets what was used least recently, and what followed it', () => {
  const cache = createPrefixCache(4 * 10 * 4);
  read(cache, [tokens(1), tokens(2)]);
  read(cache, [tokens(3), tokens(4)]);
  expect(cache.bytes).toBe(160);
  read(cache, [tokens(1)]);
  read(cache, [tokens(5)]);
  expect(cache.bytes).toBe(160);
  // The oldest was what followed the first.
  expect(read(cache, [tokens(3), tokens(4)])).toBe(2);
  expect(read(cache, [tokens(1), tokens(2)])).toBe(1);
  // A block that is larger than the limit is not kept, and nothing else either.
  read(cache, [tokens(9)], 1000);
  expect(cache.bytes).toBeLessThanOrEqual(160);
});

it('tells those who wait that a piece was not computed, and forgets it', async () => {
  const cache = createPrefixCache(1e6);
  const owned = cache.own(cache.root, tokens(1));
  const waiting = cache.find(cache.root, tokens(1))!;
  owned.reject(new Error('aborted'));
  await expect(waiting.block).rejects.toThrow('aborted');
  expect(cache.find(cache.root, tokens(1))).toBeUndefined();
  expect(cache.bytes).toBe(0);
});

it('keeps what it was given, whatever becomes of the array', () => {
  const cache = createPrefixCache(3 * (40 + 12));
  const values = Float32Array.of(0, 1, 2);
  const piece: Piece = {
    kind: 'span',
    span: { modality: 'strip', length: 2, latent: { shape: [3], data: values } } as unknown as FilledSpan,
  };
  read(cache, [piece]);
  values[2] = 7;
  expect(read(cache, [piece])).toBe(0);
  expect(read(cache, [span(0, 1, 2)])).toBe(1);
  for (let i = 0; i < 5; i++) {
    values.fill(i);
    read(cache, [piece]);
  }
  expect(cache.bytes).toBeLessThanOrEqual(3 * (40 + 12));
  expect(cache.root.children.size).toBe(3);
});

it('does not count a piece whose beginning was forgotten while it was computed', () => {
  const cache = createPrefixCache(100);
  const parent = cache.own(cache.root, tokens(1));
  parent.resolve(block(10));
  const child = cache.own(parent.node, tokens(2));
  read(cache, [tokens(3)], 20);
  expect(cache.find(cache.root, tokens(1))).toBeUndefined();
  const { bytes } = cache;
  child.resolve(block(10));
  expect(cache.bytes).toBe(bytes);
  // Nor what follows, though its own beginning was computed after that.
  const later = cache.own(parent.node, tokens(4));
  later.resolve(block(1));
  cache.own(later.node, tokens(5)).resolve(block(1));
  expect(cache.bytes).toBe(bytes);
});
