/** Finds the weights of a graph whose output channels can have a scale each. */
import type { Subgraph } from '../graph/subgraph.js';
import { sizeOf, type Shape, type Value } from '../graph/value.js';

/**
 * Returns the axis of output channels of each input that is a factor of a matrix product, the filter of a convolution
 * or the table of an embedding (whose rows are its channels), directly or through operators that only move elements.
 * If it has several uses, the first counts.
 */
export function channelAxes(graph: Subgraph): ReadonlyMap<Value, number> {
  const axes = new Map<Value, number>();
  const trace = (value: Value, axis: number): void => {
    const { producer } = value;
    if (producer === null) {
      if (!axes.has(value)) axes.set(value, axis);
      return;
    }
    const sources = producer.inputs as readonly Value[];
    switch (producer.opType) {
      case 'Identity':
      case 'Slice':
        trace(sources[0], axis);
        break;
      case 'Concat':
        for (const source of sources) trace(source, axis);
        break;
      case 'Transpose':
        trace(sources[0], (producer.attributes['perm'] as readonly number[])[axis]);
        break;
      case 'Reshape': {
        const before = axisBeforeReshape(sources[0].shape, value.shape, axis);
        if (before >= 0) trace(sources[0], before);
      }
    }
  };
  for (const { opType, inputs, attributes } of graph.nodes) {
    const [first, second] = inputs as readonly Value[];
    switch (opType) {
      case 'MatMul':
        trace(first, first.rank - 2);
        trace(second, second.rank - 1);
        break;
      case 'Gather':
        trace(first, attributes['axis'] as number);
        break;
      case 'Conv':
        trace(second, 0);
        break;
      case 'ConvTranspose':
        trace(second, 1);
    }
  }
  return axes;
}

/**
 * Returns the axis that a reshape makes to `axis`, or of several that it joins (kernel and output channels) the last; -1
 * if there is none.
 */
function axisBeforeReshape(before: Shape, after: Shape, axis: number): number {
  const stride = sizeOf(after.slice(axis + 1));
  return before.findIndex((dim, i) => {
    const isPart = dim === after[axis] || (dim > 1 && after[axis] % dim === 0);
    return isPart && sizeOf(before.slice(i + 1)) === stride;
  });
}
