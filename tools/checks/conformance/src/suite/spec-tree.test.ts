import { expect, test } from 'vitest';
import { indexSpecs } from './spec-tree.js';

test('names are the same on every backend and unique', () => {
  const tree = (backend: string) => ({
    id: 'root',
    description: '',
    children: [
      { id: 'a', description: 'plain', children: [{ id: 'a1', description: 'works' }] },
      {
        id: 'b',
        description: `abs ${backend} {}`,
        children: [
          { id: 'b1', description: 'basic' },
          { id: 'b2', description: 'basic' },
          { id: 'b3', description: 'gradient', children: [{ id: 'b4', description: '1D' }] },
        ],
      },
    ],
  });

  const specs = indexSpecs(tree('cpu'), ' cpu {}');

  expect(specs).toEqual([
    { id: 'a1', name: 'plain > works', backendDependent: false, block: 0 },
    { id: 'b1', name: 'abs > basic', backendDependent: true, block: 1 },
    { id: 'b2', name: 'abs > basic (2)', backendDependent: true, block: 1 },
    { id: 'b4', name: 'abs > gradient > 1D', backendDependent: true, block: 1 },
  ]);
  expect(indexSpecs(tree('onnxruntime'), ' onnxruntime {}')).toEqual(specs);
});
