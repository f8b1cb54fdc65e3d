/**
 * Packs documents into rows of equal length. Documents that share a row do not attend to each other. All
 * batches of a run have the same shape, so that the step is compiled only once.
 */
import { TransfusionError } from '@transfusion/errors';
import type { SequenceLayout } from './layout.js';
import { groupKey } from './span-groups.js';

/** The shape of a batch, which a graph is compiled for. */
export interface BatchShape {
  /** B: number of rows. */
  readonly numRows: number;
  /** S: positions per row. */
  readonly rowLength: number;
  /** N: span slots by group (see `groupKey`); absent groups have none. */
  readonly spanCapacity: Readonly<Record<string, number>>;
}

/** The documents of one row, in order. */
export type PackedRow<T> = readonly T[];

/** Fills the rows of one batch. */
export interface RowPacker<T> {
  /** Adds a document to the first row with room; returns false if there is none. */
  add(item: T): boolean;
  readonly rows: readonly PackedRow<T>[];
}

/**
 * Creates a first-fit packer of items, whose layouts `layoutOf` returns.
 *
 * @throws TransfusionError `invalid-record` from `add` for a document that does not fit into an empty batch
 */
export function createRowPacker<T>(shape: BatchShape, layoutOf: (item: T) => SequenceLayout): RowPacker<T> {
  const rows: T[][] = Array.from({ length: shape.numRows }, () => []);
  const used = new Array<number>(shape.numRows).fill(0);
  const spansUsed = new Map<string, number>();
  return {
    rows,
    add: (item) => {
      const layout = layoutOf(item);
      const length = layout.tokenIds.length;
      const spans = countSpans(layout);
      checkFits(shape, layout);
      const hasRoom = [...spans].every(
        ([key, count]) => (spansUsed.get(key) ?? 0) + count <= shape.spanCapacity[key],
      );
      const row = hasRoom ? used.findIndex((usedLength) => usedLength + length <= shape.rowLength) : -1;
      if (row < 0) return false;
      rows[row].push(item);
      used[row] += length;
      for (const [key, count] of spans) spansUsed.set(key, (spansUsed.get(key) ?? 0) + count);
      return true;
    },
  };
}

function countSpans({ spans }: SequenceLayout): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { modality, latentShape } of spans) {
    const key = groupKey(modality, latentShape);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/**
 * Checks that a batch has room for a document.
 *
 * @throws TransfusionError `invalid-record` for a document that fits into no batch at all
 */
export function checkFits(shape: BatchShape, layout: SequenceLayout): void {
  const length = layout.tokenIds.length;
  if (length > shape.rowLength) {
    throw new TransfusionError(
      'invalid-record',
      `The document has ${length} positions, expected at most ${shape.rowLength}, the length of a row. ` +
        'Increase rowLength, or shorten the document.',
    );
  }
  for (const [key, count] of countSpans(layout)) {
    const capacity = shape.spanCapacity[key] ?? 0;
    if (count > capacity) {
      throw new TransfusionError(
        'invalid-record',
        `The document has ${count} spans of ${key}, expected at most ${capacity}, the capacity of a batch. ` +
          'Increase spanCapacity.',
      );
    }
  }
}
