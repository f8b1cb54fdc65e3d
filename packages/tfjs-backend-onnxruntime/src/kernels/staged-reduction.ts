/**
 * Sums and means over many elements. ONNX Runtime adds them one by one in float32: beyond some 10^5 terms a
 * sum stops growing long before the last (the mean of 200 million ones would be 0.67). So a long axis is
 * split, and its blocks are summed first: the rounding error then grows with the square root of the length.
 */
import { concat, reduce, reshape, slice, zip } from '../graph/build.js';
import { scalar } from '../graph/emit.js';
import { sizeOf, type Value } from '../graph/value.js';

/** Number of terms up to which ONNX Runtime adds all of them. */
const MAX_TERMS = 4096;
/** Sizes of blocks. Neighboring elements are added in several lanes, so that a larger block is as exact. */
const MIN_BLOCK = 32;
const MAX_BLOCK = 512;
const MAX_CONTIGUOUS_BLOCK = 4096;

/** Like {@link reduce}; in stages for sums and means of float32 over many elements. */
export function reduceInStages(opType: string, x: Value, axes: readonly number[], keepDims: boolean): Value {
  const terms = sizeOf(axes.map((axis) => x.shape[axis]));
  const isSum = opType === 'ReduceSum' || opType === 'ReduceMean';
  if (!isSum || x.dtype !== 'float32' || terms <= MAX_TERMS) return reduce(opType, x, axes, keepDims);
  const ones = runsOf(axes).reduceRight((sums, run) => sumRun(sums, run), x);
  const sum = reshape(ones, keepDims ? ones.shape : ones.shape.filter((_, i) => !axes.includes(i)));
  return opType === 'ReduceMean' ? zip('Div', sum, scalar(terms, 'float32')) : sum;
}

/** Groups axes that follow one another: [0, 1, 3] → [[0, 1], [3]]. */
function runsOf(axes: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const axis of [...axes].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last?.at(-1) === axis - 1) last.push(axis);
    else runs.push([axis]);
  }
  return runs;
}

/** Sums over neighboring axes; their dimensions become 1. */
function sumRun(x: Value, run: readonly number[]): Value {
  const [first, last] = [run[0], run[run.length - 1]];
  const rows = reshape(x, [
    sizeOf(x.shape.slice(0, first)),
    sizeOf(x.shape.slice(first, last + 1)),
    sizeOf(x.shape.slice(last + 1)),
  ]);
  return reshape(
    sumRows(rows),
    x.shape.map((dim, i) => (run.includes(i) ? 1 : dim)),
  );
}

/** [outer, n, inner] → [outer, inner]. */
function sumRows(x: Value): Value {
  const [outer, n, inner] = x.shape;
  const largest = inner === 1 ? MAX_CONTIGUOUS_BLOCK : MAX_BLOCK;
  if (n <= largest) return sumMiddle(x);
  const width = Math.min(Math.floor(Math.sqrt(n)), largest);
  const block = divisor(n, width);
  if (block !== undefined) return sumRows(sumBlocks(x, block));
  const whole = n - (n % width);
  const head = slice(x, [0], [whole], [outer, whole, inner], [1]);
  const tail = slice(x, [whole], [n], [outer, n - whole, inner], [1]);
  return sumRows(concat([sumBlocks(head, width), reshape(sumMiddle(tail), [outer, 1, inner])], 1));
}

/** [outer, n, inner] → [outer, n / block, inner]. */
function sumBlocks(x: Value, block: number): Value {
  const [outer, n, inner] = x.shape;
  const sums = sumMiddle(reshape(x, [outer * (n / block), block, inner]));
  return reshape(sums, [outer, n / block, inner]);
}

/** [outer, n, inner] → [outer, inner]. Axes of length 1 would keep ONNX Runtime from its fast paths. */
function sumMiddle(x: Value): Value {
  const [outer, , inner] = x.shape;
  const dims = x.shape.filter((dim, i) => i === 1 || dim > 1);
  const sums = reduce('ReduceSum', reshape(x, dims), [outer > 1 ? 1 : 0], false);
  return reshape(sums, [outer, inner]);
}

/** Returns the largest divisor of `n` up to `limit`, if it is worth a stage. */
function divisor(n: number, limit: number): number | undefined {
  for (let block = limit; block >= MIN_BLOCK; block--) if (n % block === 0) return block;
  return undefined;
}
