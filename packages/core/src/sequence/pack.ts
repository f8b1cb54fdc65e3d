/**
 * Packs documents into rows of one length: several share a row, and see only themselves. All batches
 * of a run have the same shape, so that one compiled step serves them all.
 */
import { TransfusionError } from '@transfusion/errors';
import type { SequenceLayout } from './layout.js';
import { groupKey } from './span-groups.js';

/** The shape of a batch: what one compiled graph serves. */
export interface BatchShape {
  /** B. */
  readonly numRows: number;
  /** S. */
  readonly rowLength: number;
  /** N: slots for spans, by group (see `groupKey`). A group that is absent has none. */
  readonly spanCapacity: Readonly<Record<string, number>>;
}

/** The documents of one row, in order. */
export type PackedRow<T> = readonly T[];

/** Fills the rows of one batch. */
export interface RowPacker<T> {
  /** Puts a document into the first row with room; returns false if there is none. */
  add(item: T): boolean;
  readonly rows: readonly PackedRow<T>[];
}

/**
 * Packs items, whose layouts `layoutOf` returns, first come, first served.
 *
 * @throws TransfusionError `invalid-record` from `add` for a document that fits into no batch at all
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
      checkFits(shape, length, spans);
      const hasRoom = [...spans].every(
        ([key, count]) => (spansUsed.get(key) ?? 0) + count <= shape.spanCapacity[key],
      );
      const row = hasRoom ? used.findIndex((taken) => taken + length <= shape.rowLength) : -1;
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

function checkFits(shape: BatchShape, length: number, spans: Map<string, number>): void {
  if (length > shape.rowLength) {
    throw new TransfusionError(
      'invalid-record',
      `The document takes ${length} positions, but a row has ${shape.rowLength}. ` +
        'Make rowLength larger, or the document shorter.',
    );
  }
  for (const [key, count] of spans) {
    const capacity = shape.spanCapacity[key] ?? 0;
    if (count > capacity) {
      throw new TransfusionError(
        'invalid-record',
        `The document has ${count} spans of ${key}, but a batch has room for ${capacity}. ` +
          'Make spanCapacity larger.',
      );
    }
  }
}
