/**
 * Runs pieces of sequences through the compiled graphs: those of one call are of equal length, one row each.
 * All arithmetic stays within a row, so that a row's results do not depend on the others, bit for bit.
 */
import { invariant } from '@transfusion/errors';
import { sizeOf } from '@transfusion/modality';
import {
  RowCache,
  type CacheRow,
  type DynamicFunction,
  type RowView,
} from '@transfusion/tfjs-backend-onnxruntime';
import type { Transfusion, TransfusionParams } from '../../model/transfusion.js';
import type { SpanGroupKind } from '../../sequence/span-groups.js';
import { TOKENS } from '../../trunk/element-kinds.js';
import { HIDDEN } from '../../trunk/mask.js';
import type { OpenPiece } from '../document-rows.js';
import { compileAdapter, type AdapterGraphs } from './adapter-graph.js';
import { createScratchArrays } from './scratch-arrays.js';
import { compileTrunk, keysOf, valuesOf } from './trunk-graph.js';

/** Tokens to append to a row. */
export interface TokenPiece {
  readonly row: CacheRow;
  readonly ids: readonly number[];
  /** True if the logits of the next token are wanted. */
  readonly read: boolean;
}

/** Tokens behind a row that part into branches, of which none sees another: the choices of a question. */
export interface BranchedPiece {
  readonly row: CacheRow;
  /** Ids that all branches follow; there may be none. */
  readonly stem: ArrayLike<number>;
  /** At least one, none of them empty. */
  readonly branches: readonly ArrayLike<number>[];
}

/** A finished span to append to a row. */
export interface FinishedSpanPiece {
  readonly row: CacheRow;
  readonly latent: Float32Array;
}

/** The compiled model and its cache. */
export interface StepRunner {
  readonly cache: RowCache;
  /** Compiles the graphs of a group of spans, unless they are; without a group, those of tokens. */
  compile(group?: SpanGroupKind): void;
  /** Appends tokens; returns the logits of those that are read, and undefined for the others. */
  appendTokens(pieces: readonly TokenPiece[]): (Float32Array | undefined)[];
  /** Returns the hidden vectors of each branch of each piece, [length, D], which are not appended. */
  hiddenOfBranches(pieces: readonly BranchedPiece[]): Float32Array[][];
  /** Appends finished spans of one group. */
  appendSpans(group: SpanGroupKind, pieces: readonly FinishedSpanPiece[]): void;
  /** Returns the diffusion output of each span of one group, in each of its rows. */
  denoise(group: SpanGroupKind, pieces: readonly OpenPiece<CacheRow>[]): Float32Array[][];
  dispose(): void;
}

/** Pieces of tokens are padded to a multiple of this, unless they have one token. */
const LENGTH_STEP = 8;

/** Returns the number of positions that a piece of this many tokens takes in a call. */
export function paddedLength(numTokens: number): number {
  return numTokens === 1 ? 1 : Math.ceil(numTokens / LENGTH_STEP) * LENGTH_STEP;
}

type Attention = 'bidirectional' | 'causal';

/** A call of the trunk for rows of one length. */
interface TrunkCall {
  readonly kind: string;
  readonly length: number;
  readonly attention: Attention;
  /** Number of positions of each row before its branches, and where those begin; absent if there are none. */
  readonly branches?: (row: number) => { readonly stemLength: number; readonly starts: readonly number[] };
  /** Writes the input of a row. */
  fill(row: number, into: Float32Array): void;
  /** Number of positions by which each row grows; none if absent, though they are written behind its end. */
  readonly append?: (row: number) => number;
  /** Position within each row to read logits at; undefined for none. */
  readonly readAt?: (row: number) => number | undefined;
  /** Receives the hidden vectors of all rows, [rows, length, D]; absent if they are not wanted. */
  readonly hidden?: Float32Array;
}

/** Creates a runner; on the `onnxruntime` backend it needs `params` only until all that it runs has been compiled. */
export function createStepRunner(model: Transfusion, params: TransfusionParams): StepRunner {
  const attention = model.config.spanAttention;
  const { modelDim: D, numHeads, numKvHeads, numLayers, weights } = model.transformer;
  const V = model.vocabulary.size;
  const embeddings = params.tokenEmbedding.weight.dataSync<'float32'>();
  const cache = new RowCache({ numArrays: 2 * numLayers, outer: numKvHeads, inner: D / numHeads });
  const scratch = createScratchArrays();
  const trunks = new Map<string, DynamicFunction>();
  const adapters = new Map<string, AdapterGraphs>();

  let isDisposed = false;
  const checkNotDisposed = (): void => {
    invariant(!isDisposed, () => 'a disposed engine runs no more calls');
  };
  const trunkOf = (kind: string): DynamicFunction => {
    checkNotDisposed();
    let graph = trunks.get(kind);
    if (graph === undefined) trunks.set(kind, (graph = compileTrunk(model, params, kind)));
    return graph;
  };
  const adapterOf = (group: SpanGroupKind): AdapterGraphs => {
    checkNotDisposed();
    let graphs = adapters.get(group.key);
    if (graphs === undefined) adapters.set(group.key, (graphs = compileAdapter(model, params, group)));
    return graphs;
  };
  const kindOf = ({ modality }: SpanGroupKind): string => (weights === 'shared' ? TOKENS : modality.name);
  /** Runs the trunk for rows of any capacities; returns the logits of those that are read. */
  const runTrunk = (rows: readonly CacheRow[], call: TrunkCall): (Float32Array | undefined)[] => {
    const results: (Float32Array | undefined)[] = rows.map(() => undefined);
    const numbers = new Map(rows.map((row, i) => [row, i]));
    cache.reserve(rows, call.length);
    const byCapacity = new Map<number, CacheRow[]>();
    for (const row of rows) {
      const members = byCapacity.get(row.capacity);
      if (members === undefined) byCapacity.set(row.capacity, [row]);
      else members.push(row);
    }
    for (const members of byCapacity.values()) {
      const view = cache.view(members);
      const order = view.rows.map((row) => numbers.get(row)!);
      runView(view, order, call).forEach((result, r) => (results[order[r]] = result));
    }
    return results;
  };

  /** Runs the trunk for rows that lie side by side, `order` being their numbers in the call. */
  const runView = (
    { rows, capacity, arrays }: RowView,
    order: readonly number[],
    { kind, length, attention: among, branches, fill, append, readAt, hidden }: TrunkCall,
  ): (Float32Array | undefined)[] => {
    const R = rows.length;
    const x = scratch.floats('x', R * length * D);
    const positions = scratch.ints('positions', R * length);
    const places = scratch.ints('places', R * length * numKvHeads * 3);
    const bias = scratch.floats('bias', R * length * capacity);
    const readPositions: number[] = [];
    const readers: number[] = [];
    rows.forEach((row, r) => {
      fill(order[r], x.subarray(r * length * D, (r + 1) * length * D));
      for (let i = 0; i < length; i++) {
        const at = r * length + i;
        const position = row.length + i;
        positions[at] = position;
        for (let head = 0; head < numKvHeads; head++) {
          const place = 3 * (at * numKvHeads + head);
          places[place] = r;
          places[place + 1] = head;
          places[place + 2] = position;
        }
        const numVisible = among === 'causal' ? position + 1 : row.length + length;
        bias.fill(0, at * capacity, at * capacity + numVisible);
        bias.fill(HIDDEN, at * capacity + numVisible, (at + 1) * capacity);
      }
      if (branches !== undefined) {
        const { stemLength, starts } = branches(order[r]);
        starts.forEach((start, b) => {
          const end = starts[b + 1] ?? length;
          for (let i = start; i < end; i++) {
            const at = r * length + i;
            positions[at] = row.length + stemLength + i - start;
            const from = at * capacity + row.length;
            bias.fill(HIDDEN, from + stemLength, from + start);
          }
        });
      }
      const at = readAt?.(order[r]);
      if (at === undefined) return;
      readPositions.push(r * length + at);
      readers.push(r);
    });
    const read = readPositions.length;
    const inputs: Record<string, Float32Array | Int32Array> = { x, positions, places, bias };
    const outputs: Record<string, Float32Array> = {};
    if (kind === TOKENS) inputs.read = Int32Array.from(readPositions);
    for (let layer = 0; layer < numLayers; layer++) {
      inputs[keysOf(layer)] = outputs[keysOf(layer)] = arrays[2 * layer];
      inputs[valuesOf(layer)] = outputs[valuesOf(layer)] = arrays[2 * layer + 1];
    }
    if (hidden !== undefined) outputs.hidden = scratch.floats('hidden', R * length * D);
    if (read > 0) outputs.logits = new Float32Array(read * V);
    trunkOf(kind).run(inputs, { rows: R, length, capacity, read }, outputs);
    const size = length * D;
    rows.forEach((row, r) => {
      if (append !== undefined) cache.extend(row, append(order[r]));
      hidden?.set(outputs.hidden.subarray(r * size, (r + 1) * size), order[r] * size);
    });
    const results: (Float32Array | undefined)[] = rows.map(() => undefined);
    readers.forEach((r, i) => (results[r] = outputs.logits.subarray(i * V, (i + 1) * V)));
    return results;
  };

  /** Runs tokens behind rows, padded to one length. */
  const runTokens = (
    pieces: readonly Omit<TokenPiece, 'read'>[],
    call: Pick<TrunkCall, 'append' | 'branches' | 'readAt' | 'hidden'>,
  ): (Float32Array | undefined)[] =>
    runTrunk(
      pieces.map(({ row }) => row),
      {
        ...call,
        kind: TOKENS,
        length: Math.max(...pieces.map(({ ids }) => paddedLength(ids.length))),
        attention: 'causal',
        fill: (i, into) => {
          const { ids } = pieces[i];
          ids.forEach((id, position) => {
            for (let d = 0; d < D; d++) into[position * D + d] = embeddings[id * D + d];
          });
          into.fill(0, ids.length * D);
        },
      },
    );

  /** Embeds spans; returns their hidden vectors [N, P, D] and skip connections. */
  const embedSpans = (
    group: SpanGroupKind,
    spans: readonly { readonly latent: Float32Array; readonly timestep: number }[],
  ): { hidden: Float32Array; skips: Record<string, Float32Array> } => {
    const { embed, skipSizes } = adapterOf(group);
    const [N, size] = [spans.length, sizeOf(group.latentShape)];
    const latents = scratch.floats('latents', N * size);
    const timesteps = scratch.floats('timesteps', N);
    spans.forEach(({ latent, timestep }, n) => {
      latents.set(latent, n * size);
      timesteps[n] = timestep;
    });
    const hidden = scratch.floats('embedded', N * group.spanLength * D);
    const skips = Object.fromEntries(
      skipSizes.map((skipSize, i) => [`skip${i}`, scratch.floats(`skip${i}`, N * skipSize)]),
    );
    embed.run({ latents, timesteps }, { spans: N }, { hidden, ...skips });
    return { hidden, skips };
  };

  return {
    cache,
    compile: (group) => {
      if (group === undefined) trunkOf(TOKENS);
      else {
        trunkOf(kindOf(group));
        adapterOf(group);
      }
    },
    appendTokens: (pieces) =>
      runTokens(pieces, {
        append: (i) => pieces[i].ids.length,
        readAt: (i) => (pieces[i].read ? pieces[i].ids.length - 1 : undefined),
      }),
    hiddenOfBranches: (pieces) => {
      const tokens = pieces.map(({ row, stem, branches }) => {
        const starts: number[] = [];
        const ids = Array.from(stem);
        for (const branch of branches) {
          starts.push(ids.length);
          ids.push(...Array.from(branch));
        }
        return { row, ids, starts };
      });
      const size = Math.max(...tokens.map(({ ids }) => paddedLength(ids.length))) * D;
      const hidden = scratch.floats('tokens', pieces.length * size);
      const branches = (i: number) => ({ stemLength: pieces[i].stem.length, starts: tokens[i].starts });
      runTokens(tokens, { branches, hidden });
      return pieces.map((piece, i) =>
        piece.branches.map(({ length }, b) => {
          const from = i * size + tokens[i].starts[b] * D;
          return hidden.slice(from, from + length * D);
        }),
      );
    },
    appendSpans: (group, pieces) => {
      const { spanLength } = group;
      const { hidden } = embedSpans(
        group,
        pieces.map(({ latent }) => ({ latent, timestep: 0 })),
      );
      runTrunk(
        pieces.map(({ row }) => row),
        {
          kind: kindOf(group),
          length: spanLength,
          attention,
          fill: (i, into) => into.set(hidden.subarray(i * spanLength * D, (i + 1) * spanLength * D)),
          append: () => spanLength,
        },
      );
    },
    denoise: (group, pieces) => {
      const { spanLength } = group;
      const { hidden, skips } = embedSpans(group, pieces);
      const spanOf = pieces.flatMap(({ rows }, n) => rows.map(() => n));
      const [N, R, size] = [pieces.length, spanOf.length, sizeOf(group.latentShape)];
      const projected = scratch.floats('projected', R * spanLength * D);
      runTrunk(
        pieces.flatMap(({ rows }) => rows),
        {
          kind: kindOf(group),
          length: spanLength,
          attention,
          fill: (i, into) => {
            const n = spanOf[i];
            into.set(hidden.subarray(n * spanLength * D, (n + 1) * spanLength * D));
          },
          hidden: projected,
        },
      );
      const timesteps = scratch.floats('rowTimesteps', R);
      spanOf.forEach((n, r) => (timesteps[r] = pieces[n].timestep));
      const output = scratch.floats('output', R * size);
      adapterOf(group).project.run(
        { hidden: projected, timesteps, span: Int32Array.from(spanOf), ...skips },
        { rows: R, spans: N },
        { output },
      );
      let r = 0;
      return pieces.map(({ rows }) => rows.map(() => output.slice(r * size, ++r * size)));
    },
    dispose: () => {
      isDisposed = true;
      for (const graph of [...trunks.values(), ...adapters.values()]) graph.dispose();
      trunks.clear();
      adapters.clear();
    },
  };
}
