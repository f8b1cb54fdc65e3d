import { spanGroupKinds, trainingFlops, type BatchShape, type Transfusion } from '@transfusion/core';

type Rows = Pick<BatchShape, 'numRows' | 'rowLength'>;

/** How much commoner than its equal part a shape may be where shapes share places. */
const MARGIN = 2;

/** What places that stay empty may cost: this share of a step. */
const CHEAP = 0.1;

/**
 * Places for spans by group: as many as rows can hold, documents end to end, each span between its markers.
 * An adapter works on empty places too: where that is dear, the shapes of a modality share the places, with a
 * margin. None has fewer than one row can hold, so that no document has too many spans.
 */
export function defaultSpanCapacity(model: Transfusion, rows: Rows): Record<string, number> {
  const all = placesOf(model, rows, Infinity);
  const shared = placesOf(model, rows, MARGIN);
  const flops = (spanCapacity: Record<string, number>): number =>
    trainingFlops(model, { ...rows, spanCapacity });
  return flops(all) <= (1 + CHEAP) * flops(shared) ? all : shared;
}

function placesOf(
  { modalities }: Transfusion,
  { numRows, rowLength }: Rows,
  margin: number,
): Record<string, number> {
  // A document's begin and end, and each span's.
  const markers = 2;
  return Object.fromEntries(
    spanGroupKinds(modalities).map(({ key, modality, spanLength }) => {
      const perRow = Math.max(0, Math.floor((rowLength - markers) / (spanLength + markers)));
      const numShapes = modality.latentShapes.length;
      const part = Math.ceil((numRows * perRow * Math.min(margin, numShapes)) / numShapes);
      return [key, Math.max(perRow, part)];
    }),
  );
}
