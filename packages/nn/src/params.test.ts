import * as tf from '@transfusion/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { TransfusionError } from '@transfusion/errors';
import {
  countParams,
  disposeParams,
  flattenParams,
  mapParams,
  unflattenParams,
  visitParams,
  type Params,
} from './params.js';

beforeAll(() => tf.setBackend('cpu'));

const makeTree = () => ({
  embed: { weight: tf.zeros([4, 2]) },
  layers: Array.from({ length: 11 }, (_, i) => ({ w: tf.scalar(i), rest: [tf.zeros([0, 3])] })),
  none: {},
});

describe('flattenParams', () => {
  it('gives dotted paths in the order of the tree', () => {
    const flat = flattenParams(makeTree());
    const layers = Array.from({ length: 11 }, (_, i) => [`layers.${i}.w`, `layers.${i}.rest.0`]);
    expect(Object.keys(flat)).toEqual(['embed.weight', ...layers.flat()]);
    expect(flat['layers.10.w'].dataSync()[0]).toBe(10);
  });

  it('gives a single tensor the empty path, and visits below a prefix', () => {
    const tensor = tf.scalar(1);
    expect(flattenParams(tensor)).toEqual({ '': tensor });
    const paths: string[] = [];
    visitParams([tensor, { a: tensor }], (_, path) => paths.push(path), 'top');
    expect(paths).toEqual(['top.0', 'top.1.a']);
  });

  it('refuses two tensors of one path', () => {
    const tree = { 'a.b': tf.scalar(1), a: { b: tf.scalar(2) } };
    expect(() => flattenParams(tree)).toThrow(/two tensors have the path 'a\.b'/);
  });

  it.each([undefined, null, 1, 'x'])('refuses %s in the tree', (value) => {
    const tree = { a: { bias: value } } as unknown as Params;
    expect(() => flattenParams(tree)).toThrow(TransfusionError);
    expect(() => flattenParams(tree)).toThrow(/parameters: 'a\.bias' is (undefined|null|1|x), expected/);
    expect(() => mapParams(tree, (tensor) => tensor)).toThrow(/'a\.bias'/);
  });
});

describe('mapParams', () => {
  it('keeps the structure, arrays included', () => {
    const tree = makeTree();
    const doubled = mapParams(tree, (tensor) => tensor.mul(2));
    expect(Array.isArray(doubled.layers)).toBe(true);
    expect(doubled.layers.map(({ w }) => w.dataSync()[0])).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
    expect(Object.keys(flattenParams(doubled))).toEqual(Object.keys(flattenParams(tree)));
    expect(doubled.none).toEqual({});
  });

  it('names each tensor by its path', () => {
    const paths: string[] = [];
    const tree = makeTree();
    mapParams(tree, (tensor, path) => (paths.push(path), tensor));
    expect(paths).toEqual(Object.keys(flattenParams(tree)));
  });
});

describe('unflattenParams', () => {
  it('is the inverse of flattenParams', () => {
    const tree = makeTree();
    const back = unflattenParams(makeTree(), flattenParams(tree));
    expect(flattenParams(back)).toEqual(flattenParams(tree));
    expect(back.layers[3].w).toBe(tree.layers[3].w);
    const tensor = tf.scalar(1);
    expect(unflattenParams(tf.scalar(0), { '': tensor })).toBe(tensor);
  });

  const like = { a: tf.zeros([2]), b: { c: tf.zeros([1], 'int32') } };
  const right = () => ({ a: tf.ones([2]), 'b.c': tf.ones([1], 'int32') });

  it.each([
    [{ a: tf.zeros([2]) }, "file.x: 'b.c' is missing. The parameters belong to a different model"],
    [{ ...right(), a: tf.zeros([3]) }, "'a' is float32 [3], expected float32 [2]"],
    [{ ...right(), 'b.c': tf.zeros([1]) }, "'b.c' is float32 [1], expected int32 [1]"],
    [{ ...right(), toString: tf.zeros([1]) }, "'toString' is not a parameter"],
    [{ d: tf.zeros([1]), e: tf.zeros([1]), f: tf.zeros([1]) }, "'d' is not a parameter (and 2 more)"],
  ])('says what does not fit (%#)', (flat, message) => {
    expect(() => unflattenParams(like, flat, 'file.x')).toThrow(message);
    expect(() => unflattenParams(like, flat)).toThrow(expect.objectContaining({ code: 'mismatch' }) as Error);
  });

  it('is not deceived by names that every object has', () => {
    const tree = { constructor: tf.scalar(1) } as unknown as Params;
    expect(() => unflattenParams(tree, {})).toThrow("'constructor' is missing");
  });
});

it('countParams counts elements, disposeParams frees tensors', () => {
  const before = tf.memory().numTensors;
  const tree = makeTree();
  expect(countParams(tree)).toBe(8 + 11);
  disposeParams(tree);
  expect(tf.memory().numTensors).toBe(before);
});
