import { spanGroupKinds } from '@transfusion/core';
import type { ModalityRegistry } from '@transfusion/modality';

/** As many spans of each group as rows can hold: documents end to end, each span between its markers. */
export function largestSpanCapacity(
  modalities: ModalityRegistry,
  { numRows, rowLength }: { readonly numRows: number; readonly rowLength: number },
): Record<string, number> {
  // A document's begin and end, and each span's.
  const markers = 2;
  return Object.fromEntries(
    spanGroupKinds(modalities).map(({ key, spanLength }) => [
      key,
      numRows * Math.max(0, Math.floor((rowLength - markers) / (spanLength + markers))),
    ]),
  );
}
