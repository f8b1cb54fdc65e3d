/**
 * Keys and values of the beginnings of documents, for requests that begin alike: several images of one prompt,
 * continuations of a document, the unconditional half of guidance. A tree of pieces; a block is what one piece
 * added. Blocks hold the same bits that computing them again would give, so results do not depend on them.
 */
import { copyPiece, pieceBytes, samePiece, type Piece } from '../pieces.js';

/** Keys and values of a piece: [KV, length, E] for each array of the cache. */
export interface Block {
  readonly length: number;
  readonly arrays: readonly Float32Array[];
}

/** A beginning of documents, up to and including a piece. */
export interface PrefixNode {
  readonly children: Map<string, PrefixNode[]>;
  /** The piece, its key among the parent's children, and the parent; undefined only for the root. */
  readonly piece?: Piece;
  readonly key?: string;
  readonly parent?: PrefixNode;
  /** Resolves once the piece has been computed; rejects if its request was aborted. */
  readonly block?: Promise<Block>;
}

/** A {@link PrefixNode} that is to be computed by the caller. */
export interface OwnedNode {
  readonly node: PrefixNode;
  resolve(block: Block): void;
  reject(error: unknown): void;
}

/** Beginnings of documents, up to a limit of memory. */
export interface PrefixCache {
  readonly root: PrefixNode;
  /** Returns what is known of a piece after `parent`. */
  find(parent: PrefixNode, piece: Piece): PrefixNode | undefined;
  /** Announces a piece that the caller computes. */
  own(parent: PrefixNode, piece: Piece): OwnedNode;
  readonly bytes: number;
}

/** Creates an empty cache of at most `maxBytes`. */
export function createPrefixCache(maxBytes: number): PrefixCache {
  const root: PrefixNode = { children: new Map() };
  /** Bytes of the computed nodes, least recently used first; a node comes before its parent. */
  const sizes = new Map<PrefixNode, number>();
  /** Nodes that are gone, with those that are still computed after their parent went. */
  const removed = new WeakSet<PrefixNode>();
  let bytes = 0;

  const touch = (node: PrefixNode): void => {
    for (let at: PrefixNode | undefined = node; at !== undefined; at = at.parent) {
      const size = sizes.get(at);
      if (size === undefined) continue;
      sizes.delete(at);
      sizes.set(at, size);
    }
  };
  const remove = (node: PrefixNode): void => {
    bytes -= sizes.get(node) ?? 0;
    sizes.delete(node);
    removed.add(node);
    const siblings = node.parent!.children.get(node.key!)!.filter((sibling) => sibling !== node);
    if (siblings.length === 0) node.parent!.children.delete(node.key!);
    else node.parent!.children.set(node.key!, siblings);
    for (const children of [...node.children.values()]) for (const child of children) remove(child);
  };

  return {
    root,
    get bytes() {
      return bytes;
    },
    find: (parent, piece) => {
      const found = parent.children.get(pieceKey(piece))?.find((node) => samePiece(node.piece!, piece));
      if (found !== undefined) touch(found);
      return found;
    },
    own: (parent, piece) => {
      let settle: { resolve: (block: Block) => void; reject: (error: unknown) => void };
      const block = new Promise<Block>((resolve, reject) => (settle = { resolve, reject }));
      // Whoever waits for it handles the error; without one it is the owner's alone.
      block.catch(() => undefined);
      const key = pieceKey(piece);
      const node: PrefixNode = { children: new Map(), piece: copyPiece(piece), key, parent, block };
      parent.children.set(key, [...(parent.children.get(key) ?? []), node]);
      return {
        node,
        resolve: (result) => {
          settle.resolve(result);
          if (removed.has(parent)) removed.add(node);
          if (removed.has(node)) return;
          const size = result.arrays.reduce((sum, { byteLength }) => sum + byteLength, pieceBytes(piece));
          sizes.set(node, size);
          bytes += size;
          touch(node);
          for (const oldest of sizes.keys()) {
            if (bytes <= maxBytes) break;
            remove(oldest);
          }
        },
        reject: (error) => {
          if (!removed.has(node)) remove(node);
          settle.reject(error);
        },
      };
    },
  };
}

/** Returns a string that is equal for equal pieces, and for few others. */
function pieceKey(piece: Piece): string {
  if (piece.kind === 'tokens') return piece.ids.join();
  const { modality, latent } = piece.span;
  const { data } = latent;
  return `${modality} ${latent.shape.join()} ${data[0]} ${data[data.length >> 1]} ${data[data.length - 1]}`;
}
