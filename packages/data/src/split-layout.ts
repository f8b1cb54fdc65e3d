import type { SequenceLayout } from '@transfusion/core';

/**
 * Splits a document of tokens that is longer than a row into pieces of the row's length. Each piece begins with the last
 * token of the previous one, so that every token is predicted exactly once, from the preceding tokens of its piece. Only
 * the first piece has the document's begin marker, and only the last one its end marker.
 *
 * @returns the document itself if it fits, or has spans, which cannot be split
 */
export function splitLayout(layout: SequenceLayout, rowLength: number): readonly SequenceLayout[] {
  const { tokenIds, untrained, spans } = layout;
  if (tokenIds.length <= rowLength || spans.length > 0 || rowLength < 2) return [layout];
  const stride = rowLength - 1;
  return Array.from({ length: Math.ceil((tokenIds.length - 1) / stride) }, (_, piece) => ({
    tokenIds: tokenIds.slice(piece * stride, piece * stride + rowLength),
    ...(untrained === undefined
      ? {}
      : { untrained: untrained.slice(piece * stride, piece * stride + rowLength) }),
    spans: [],
  }));
}
