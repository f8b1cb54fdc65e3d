import { describe, expect, it } from 'vitest';
import type { DataBuffer } from './data-buffer.js';
import { emit, scalar } from './emit.js';
import { collectSubgraph, isConcrete, structureKey } from './subgraph.js';
import { Value } from './value.js';

function fed(shape: number[] = [2]): Value {
  const value = new Value(shape, 'float32');
  value.buffer = { array: new Float32Array(2) } as unknown as DataBuffer;
  return value;
}

const add = (a: Value, b: Value): Value => emit('Add', [a, b], a.shape, 'float32');
const keyOf = (...outputs: Value[]): string => structureKey(collectSubgraph(outputs));

describe('a subgraph', () => {
  it('lists what is needed, each once and in order', () => {
    const [a, b] = [fed(), fed()];
    const sum = add(a, b);
    const twice = add(sum, sum);
    add(twice, a); // nobody asks for it
    const { nodes, inputs, outputs } = collectSubgraph([twice, sum]);
    expect(nodes).toEqual([sum.producer, twice.producer]);
    expect(inputs).toEqual([a, b]);
    expect(outputs).toEqual([twice, sum]);
  });

  it('may be very deep', () => {
    let value = fed();
    for (let i = 0; i < 50_000; i++) value = add(value, value);
    expect(collectSubgraph([value]).nodes.length).toBe(50_000);
  });

  it('throws the error of what could not be computed', () => {
    const bad = fed();
    bad.error = new Error('no such thing');
    expect(() => collectSubgraph([add(bad, fed())])).toThrow('no such thing');
  });

  it('is concrete if it needs no placeholder', () => {
    expect(isConcrete(add(fed(), scalar(1, 'float32')))).toBe(true);
    expect(isConcrete(add(fed(), new Value([2], 'float32')))).toBe(false);
  });
});

describe('the structure of a graph', () => {
  it('is the same for the same operations on other data', () => {
    const make = (): Value => add(add(fed(), fed()), scalar(1, 'float32'));
    expect(keyOf(make())).toBe(keyOf(make()));
  });

  const [a, b, c] = [fed(), fed(), fed([1])];
  it.each<[string, Value[], Value[]]>([
    ['which inputs are the same', [add(a, b)], [add(a, a)]],
    ['shapes', [emit('Neg', [a], [2], 'float32')], [emit('Neg', [c], [1], 'float32')]],
    ['operators', [emit('Neg', [a], [2], 'float32')], [emit('Abs', [a], [2], 'float32')]],
    [
      'attributes',
      [emit('Softmax', [a], [2], 'float32', { axis: 0 })],
      [emit('Softmax', [a], [2], 'float32', { axis: -1 })],
    ],
    [
      'integer and float attributes',
      [emit('LeakyRelu', [a], [2], 'float32', { alpha: 1 })],
      [emit('LeakyRelu', [a], [2], 'float32', { alpha: { float: 1 } })],
    ],
    ['constants', [add(a, scalar(1, 'float32'))], [add(a, scalar(2, 'float32'))]],
    ['signs of zero', [add(a, scalar(0, 'float32'))], [add(a, scalar(-0, 'float32'))]],
    ['what is asked for', [add(a, b)], [add(a, b), add(a, b)]],
    [
      'types of results',
      [emit('Cast', [a], [2], 'int32', { to: 6 })],
      [emit('Cast', [a], [2], 'float64', { to: 11 })],
    ],
  ])('tells apart %s', (_what, one, other) => {
    expect(keyOf(...one)).not.toBe(keyOf(...other));
  });
});
