import { createModalityRegistry, sizeOf, type ContinuousModality, type Shape } from '@transfusion/modality';
import { expect, test } from 'vitest';
import { letters, strips } from '../testing-internals/toy-modalities.js';
import { transformerConfig } from '../trunk/config.js';
import { batchShape } from './batch-shape.js';
import { createTransfusion } from './transfusion.js';

/** Spans of 4 or 6 elements, of which a row of 32 holds five or three. */
const shapes: readonly Shape[] = [[8], [12], [12, 1], [8, 1], [4, 2]];
const transformer = transformerConfig({ numLayers: 4, modelDim: 64, numHeads: 2 });

/** Operations of an adapter for a span: expensive beside a transformer of that size, and cheap. */
const expensive = 1e8;
const cheap = 1e3;

function modality(name: string, latentShapes: readonly Shape[], flops: number): ContinuousModality {
  const toy = strips(name);
  return {
    ...toy,
    latentShapes,
    spanLength: (shape) => sizeOf(shape) / 2,
    createAdapter: (modelDim) => ({ ...toy.createAdapter(modelDim), flops: () => flops }),
  };
}

function capacities(numShapes: number, numRows: number, flops: number): number[] {
  const modalities = createModalityRegistry(
    letters('text'),
    modality('strip', shapes.slice(0, numShapes), flops),
  );
  const model = createTransfusion({ transformer, modalities });
  return Object.values(batchShape(model, { numRows, rowLength: 32 }).spanCapacity);
}

test('as many slots as rows can hold where empty ones cost little', () => {
  expect(capacities(1, 8, cheap)).toEqual([40]);
  expect(capacities(5, 10, cheap)).toEqual([50, 30, 30, 50, 50]);
});

test('otherwise three or more shapes share twice that number', () => {
  expect(capacities(1, 8, expensive)).toEqual([40]);
  expect(capacities(2, 8, expensive)).toEqual([40, 24]);
  expect(capacities(5, 10, expensive)).toEqual([20, 12, 12, 20, 20]);
});

test('none has fewer than a row can hold', () => {
  expect(capacities(5, 1, expensive)).toEqual([5, 3, 3, 5, 5]);
});

test('another modality takes none away', () => {
  const modalities = createModalityRegistry(
    modality('strip', [[8]], expensive),
    modality('wave', [[8]], expensive),
  );
  const model = createTransfusion({ transformer, modalities });
  expect(batchShape(model, { numRows: 2, rowLength: 32 })).toEqual({
    numRows: 2,
    rowLength: 32,
    spanCapacity: { 'strip:8': 10, 'wave:8': 10 },
  });
});

test('capacities that are given stay, and groups that are left out have none', () => {
  const modalities = createModalityRegistry(letters('text'), strips('strip'));
  const model = createTransfusion({ transformer, modalities });
  const shape = { numRows: 2, rowLength: 32, spanCapacity: { 'strip:6': 3 } };
  expect(batchShape(model, shape)).toEqual(shape);
});

test('refuses groups that the model does not have, and names those that it has', () => {
  const modalities = createModalityRegistry(letters('text'), strips('strip'));
  const model = createTransfusion({ transformer, modalities });
  const shape = { numRows: 2, rowLength: 32, spanCapacity: { 'strip:4': 3, strip: 3 } };
  expect(() => batchShape(model, shape)).toThrow(
    'batchShape: spanCapacity has unknown groups strip, expected strip:4, strip:6.',
  );
  const textOnly = createTransfusion({ transformer, modalities: createModalityRegistry(letters('text')) });
  expect(() => batchShape(textOnly, shape)).toThrow('expected none: the model has no continuous modality');
});
