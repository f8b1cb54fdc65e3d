import { createTransfusion, transformerConfig } from '@transfusion/core';
import { createModalityRegistry } from '@transfusion/modality';
import { image, unet } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { expect, test } from 'vitest';
import { defaultSpanCapacity } from './span-capacity.js';

const square = [8, 8, 3];
const shapes = [square, [8, 12, 3], [12, 8, 3], [4, 16, 3], [16, 4, 3]];
const transformer = transformerConfig({ numLayers: 4, modelDim: 64, numHeads: 2 });

/** Dear beside a transformer of that size, and cheap. */
const dear = unet({ channels: [32, 32, 32] });
const cheap = undefined;

/** Places of each shape: spans of 4 or 6 elements, in rows that hold five or three of them. */
function capacities(numShapes: number, numRows: number, adapter: typeof dear | undefined): number[] {
  const modalities = createModalityRegistry(
    text(),
    image({ latentShapes: shapes.slice(0, numShapes), adapter }),
  );
  const model = createTransfusion({ transformer, modalities });
  return Object.values(defaultSpanCapacity(model, { numRows, rowLength: 32 }));
}

test('as many as rows can hold where empty places cost little', () => {
  expect(capacities(1, 8, cheap)).toEqual([40]);
  expect(capacities(5, 10, cheap)).toEqual([50, 30, 30, 50, 50]);
});

test('else three shapes or more share twice as many', () => {
  expect(capacities(1, 8, dear)).toEqual([40]);
  expect(capacities(2, 8, dear)).toEqual([40, 24]);
  expect(capacities(5, 10, dear)).toEqual([20, 12, 12, 20, 20]);
});

test('none has fewer than a row can hold', () => {
  expect(capacities(5, 1, dear)).toEqual([5, 3, 3, 5, 5]);
});

test('another modality takes none away', () => {
  const modalities = createModalityRegistry(
    image({ latentShapes: [square], adapter: dear }),
    image({ name: 'depth', latentShapes: [square], adapter: dear }),
  );
  const model = createTransfusion({ transformer, modalities });
  expect(defaultSpanCapacity(model, { numRows: 2, rowLength: 32 })).toEqual({
    'image:8x8x3': 10,
    'depth:8x8x3': 10,
  });
});
