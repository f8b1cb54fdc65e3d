/**
 * Splitting of documents into the pieces that one call computes: a finished span whole, tokens up to a limit.
 * Where they are split depends on the document alone, since a piece's rounding depends on its length.
 */
import type { FilledSpan } from '../sequence/layout.js';
import type { Context } from './growing-sequence.js';

/** Consecutive elements of a document. */
export type Piece =
  | { readonly kind: 'tokens'; readonly ids: readonly number[] }
  | { readonly kind: 'span'; readonly span: FilledSpan };

/** Maximum number of tokens in a piece. */
const MAX_TOKENS = 64;

/** Splits the elements of a document from position `from` on. */
export function piecesOf({ ids, spans }: Context, from: number): Piece[] {
  const pieces: Piece[] = [];
  let position = from;
  const tokensUpTo = (end: number): void => {
    for (; position < end; position = Math.min(end, position + MAX_TOKENS)) {
      pieces.push({ kind: 'tokens', ids: ids.slice(position, Math.min(end, position + MAX_TOKENS)) });
    }
  };
  for (const span of spans) {
    if (span.start < from) continue;
    tokensUpTo(span.start);
    pieces.push({ kind: 'span', span });
    position += span.length;
  }
  tokensUpTo(ids.length);
  return pieces;
}

/** Returns the number of positions of a piece. */
export function pieceLength(piece: Piece): number {
  return piece.kind === 'tokens' ? piece.ids.length : piece.span.length;
}

/** Returns whether two pieces have the same elements. */
export function samePiece(a: Piece, b: Piece): boolean {
  if (a.kind === 'tokens') {
    return b.kind === 'tokens' && a.ids.length === b.ids.length && a.ids.every((id, i) => id === b.ids[i]);
  }
  if (b.kind === 'tokens' || a.span.modality !== b.span.modality) return false;
  const [left, right] = [a.span.latent, b.span.latent];
  return (
    left.shape.join() === right.shape.join() && left.data.every((value, i) => Object.is(value, right.data[i]))
  );
}

/** Returns a piece that does not change when the caller writes other values into its latent. */
export function copyPiece(piece: Piece): Piece {
  if (piece.kind === 'tokens') return piece;
  const { span } = piece;
  return { kind: 'span', span: { ...span, latent: { ...span.latent, data: span.latent.data.slice() } } };
}

/** Returns the memory of a piece's own elements. */
export function pieceBytes(piece: Piece): number {
  return piece.kind === 'tokens' ? 0 : piece.span.latent.data.byteLength;
}
