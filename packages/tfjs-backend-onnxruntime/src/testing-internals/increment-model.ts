import { constant, GraphNode, Value } from '../graph/value.js';
import { collectSubgraph } from '../graph/subgraph.js';
import { modelOf } from '../runtime/executable.js';
import type { OrtTensor } from '../runtime/native-binding.js';

/** Serializes t0 = x0 + 1, of two elements. */
export function incrementModel(): Uint8Array {
  const x = new Value([2], 'float32');
  const y = new Value([2], 'float32');
  y.producer = new GraphNode('Add', [x, constant([1], [1], 'float32')], [y], {}, 'Add');
  return modelOf(collectSubgraph([y]));
}

/** An input or output of it. */
export function pair(data: Float32Array): OrtTensor {
  return { type: 'float32', dims: [2], data, location: 'cpu' };
}
