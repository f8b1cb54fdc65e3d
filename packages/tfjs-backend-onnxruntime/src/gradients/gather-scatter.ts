/**
 * Gradients of gathers, scatters and related operations. TensorFlow.js 4.22 has only that of `gather`
 * with at most one batch axis.
 */
import * as tf from '@transfusion/tfjs';

export function registerGatherScatterGradients(): void {
  tf.registerGradient({
    kernelName: 'GatherV2',
    inputsToSave: ['x', 'indices'],
    gradFunc: (dy, [x, indices], attrs) => {
      const { axis, batchDims } = attrs as unknown as GatherAttrs;
      return {
        x: () => gatherGradient(dy as tf.Tensor, x, indices, axis, batchDims ?? 0),
        indices: () => tf.zeros(indices.shape),
      };
    },
  });
  tf.registerGradient({
    kernelName: 'GatherNd',
    inputsToSave: ['params', 'indices'],
    gradFunc: (dy, [params, indices]) => ({
      params: () => tf.scatterND(indices, dy as tf.Tensor, params.shape),
      indices: () => tf.zeros(indices.shape),
    }),
  });
  tf.registerGradient({
    kernelName: 'ScatterNd',
    inputsToSave: ['indices'],
    gradFunc: (dy, [indices]) => ({
      updates: () => tf.gatherND(dy as tf.Tensor, indices),
      indices: () => tf.zeros(indices.shape),
    }),
  });
  tf.registerGradient({
    kernelName: 'TensorScatterUpdate',
    inputsToSave: ['indices', 'updates'],
    gradFunc: (gradient, [indices, updates]) => {
      const dy = gradient as tf.Tensor;
      return {
        // A mask: the cpu backend would write the zeros into `dy` itself.
        tensor: () => tf.mul(dy, tf.tensorScatterUpdate(tf.onesLike(dy), indices, tf.zerosLike(updates))),
        updates: () => tf.gatherND(dy, indices),
        indices: () => tf.zeros(indices.shape),
      };
    },
  });
  tf.registerGradient({
    kernelName: 'TopK',
    inputsToSave: ['x'],
    outputsToSave: [false, true],
    gradFunc: (gradients, [x, indices]) => ({
      x: () => topKGradient((gradients as tf.Tensor[])[0], x, indices),
    }),
  });
  tf.registerGradient({
    kernelName: 'StridedSlice',
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attrs) => ({ x: () => stridedSliceGradient(dy as tf.Tensor, x, attrs) }),
  });
}

interface GatherAttrs {
  readonly axis: number;
  readonly batchDims?: number;
}

/** Sums the rows of `dy` by the element they were read from; an offset separates the batches. */
function gatherGradient(
  dy: tf.Tensor,
  x: tf.Tensor,
  indices: tf.Tensor,
  axis: number,
  batchDims: number,
): tf.Tensor {
  const [along] = tf.util.parseAxisParam(axis, x.shape);
  const b = batchDims < 0 ? batchDims + indices.rank : batchDims;
  const length = x.shape[along];
  const inner = indices.rank - b;
  // [batch, outer, indices, rest] → [batch, indices, outer, rest]
  const order = [
    ...range(0, b),
    ...range(along, along + inner),
    ...range(b, along),
    ...range(along + inner, dy.rank),
  ];
  const batch = x.shape.slice(0, b);
  const rest = [...x.shape.slice(b, along), ...x.shape.slice(along + 1)];
  const batches = tf.util.sizeFromShape(batch);
  const rows = transposed(dy, order).reshape([indices.size, ...rest]);
  const perBatch = indices.toInt().reshape([batches, -1]);
  const offsets = tf.range(0, batches, 1, 'int32').mul(tf.scalar(length, 'int32')).reshape([batches, 1]);
  const ids = (b === 0 ? perBatch : perBatch.add(offsets)).reshape([indices.size]).as1D();
  const sums = tf.unsortedSegmentSum(rows, ids, batches * length).reshape([...batch, length, ...rest]);
  const back = [...range(0, b), ...range(b + 1, along + 1), b, ...range(along + 1, x.rank)];
  return transposed(sums, back);
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}

function transposed(x: tf.Tensor, order: number[]): tf.Tensor {
  return order.every((axis, i) => axis === i) ? x : tf.transpose(x, order);
}

/** Scatters `dy` to the largest elements of each row of `x`. */
function topKGradient(dy: tf.Tensor, x: tf.Tensor, indices: tf.Tensor): tf.Tensor {
  const length = x.shape[x.rank - 1];
  const rows = x.size / length;
  const offsets = tf.range(0, rows, 1, 'int32').mul(tf.scalar(length, 'int32')).reshape([rows, 1]);
  const positions = indices.reshape([rows, -1]).add(offsets).reshape([dy.size, 1]);
  return tf.scatterND(positions, dy.reshape([dy.size]), [x.size]).reshape(x.shape);
}

/** Scatters `dy` to the positions that the slice read, found by slicing the positions themselves. */
function stridedSliceGradient(dy: tf.Tensor, x: tf.Tensor, attrs: tf.NamedAttrMap): tf.Tensor {
  const positions = tf.range(0, x.size, 1, 'int32').reshape(x.shape);
  const read: tf.Tensor = tf.engine().runKernel('StridedSlice', { x: positions }, attrs);
  return tf.scatterND(read.reshape([dy.size, 1]), dy.reshape([dy.size]), [x.size]).reshape(x.shape);
}
