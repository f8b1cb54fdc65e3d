/** The rows of one request in the cache, and the work that it waits for. */
import type { CacheRow, RowCache } from '@transfusion/tfjs-backend-onnxruntime';
import { groupKey, type SpanGroupKind } from '../../sequence/span-groups.js';
import type { DocumentRows } from '../document-rows.js';
import { orAborted } from '../or-aborted.js';
import type { Job, JobQueue, Work } from './job-queue.js';
import { pieceLength, piecesOf, type Piece } from '../pieces.js';
import type { PrefixCache, PrefixNode } from './prefix-cache.js';
import { paddedLength } from './step-runner.js';

/** State that the rows of all requests share. */
export interface SharedRows {
  readonly cache: RowCache;
  readonly prefixes: PrefixCache;
  readonly queue: JobQueue;
  readonly groups: ReadonlyMap<string, SpanGroupKind>;
  /** Called when a job has been added to the queue. */
  wake(): void;
}

/**
 * Creates the rows of a request.
 *
 * @param signal when it is aborted, whatever the request waits for is taken back and rejects with its reason
 */
export function createRequestRows(shared: SharedRows, signal: AbortSignal): DocumentRows<CacheRow> {
  const { cache, prefixes, queue, groups, wake } = shared;

  const run = (key: string, numRows: number, work: Work): Promise<readonly (Float32Array | undefined)[]> =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const onAbort = (): void => {
        queue.remove(job);
        reject(signal.reason as Error);
      };
      const settled = <T>(settle: (value: T) => void) => {
        return (value: T): void => {
          signal.removeEventListener('abort', onAbort);
          settle(value);
        };
      };
      const job: Job = { work, numRows, resolve: settled(resolve), reject: settled(reject) };
      signal.addEventListener('abort', onAbort, { once: true });
      queue.add(key, job);
      wake();
    });

  const compute = async (row: CacheRow, piece: Piece, read: boolean): Promise<Float32Array | undefined> => {
    if (piece.kind === 'tokens') {
      const work: Work = { kind: 'tokens', piece: { row, ids: piece.ids, read } };
      const [logits] = await run(`tokens ${paddedLength(piece.ids.length)}`, 1, work);
      return logits;
    }
    const { modality, latentShape, latent } = piece.span;
    const key = groupKey(modality, latentShape);
    const work: Work = {
      kind: 'finished-span',
      group: groups.get(key)!,
      piece: { row, latent: latent.data },
    };
    await run(`append ${key}`, 1, work);
    return undefined;
  };

  /** Appends a piece that others may begin with as well, computing it only if nobody has. */
  const share = async (row: CacheRow, parent: PrefixNode, piece: Piece): Promise<PrefixNode> => {
    for (;;) {
      signal.throwIfAborted();
      const known = prefixes.find(parent, piece);
      if (known !== undefined) {
        const block = await orAborted(
          signal,
          known.block!.catch(() => undefined),
        );
        // Its request was aborted: somebody else has to compute it.
        if (block === undefined) continue;
        signal.throwIfAborted();
        cache.append(row, block.arrays, block.length);
        return known;
      }
      const owned = prefixes.own(parent, piece);
      try {
        const start = row.length;
        // Its copy: the caller may have written other values into the latent by the time that it is computed.
        await compute(row, owned.node.piece!, false);
        const length = pieceLength(piece);
        owned.resolve({ length, arrays: cache.read(row, start, length) });
        return owned.node;
      } catch (error) {
        owned.reject(error);
        throw error;
      }
    }
  };

  return {
    add: () => cache.add(),
    remove: (row) => cache.remove(row),
    append: async (row, document, from, read) => {
      let prefix: PrefixNode | undefined = from === 0 ? prefixes.root : undefined;
      let logits: Float32Array | undefined;
      const pieces = piecesOf(document, from);
      for (const [i, piece] of pieces.entries()) {
        const isRead = read && i === pieces.length - 1;
        if (prefix === undefined || isRead) logits = await compute(row, piece, isRead);
        else prefix = await share(row, prefix, piece);
      }
      return logits;
    },
    denoise: async (key, piece) => {
      const group = groups.get(key)!;
      const work: Work = { kind: 'denoise', group, piece };
      return (await run(`denoise ${key}`, piece.rows.length, work)) as readonly Float32Array[];
    },
  };
}
