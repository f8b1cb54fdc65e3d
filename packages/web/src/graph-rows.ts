/** Keys and values of documents in arrays, computed by the exported graphs. */
import { groupKey, pieceLength, piecesOf, type DocumentRows, type Piece } from '@transfusion/core/documents';
import type { ExportConfig, ExportedShape } from '@transfusion/export/export-format';
import type { Graphs, GraphTensor } from './graphs.js';

/** Names of the graphs that all exports have. */
export const [EMBED_TOKENS, DECODER] = ['embed_tokens', 'decoder_model_merged'];

/** The beginning of a document. */
export interface CachedRow {
  length: number;
  /** Keys and values, [KV, length, E] for each array of the cache, in the order of {@link cacheNames}. */
  arrays: readonly Float32Array[];
}

/**
 * Creates the rows of a request.
 *
 * @param signal when it is aborted, the next call rejects with its reason
 */
export function createGraphRows(
  graphs: Graphs,
  config: ExportConfig,
  signal: AbortSignal,
): DocumentRows<CachedRow> {
  const {
    num_key_value_heads: KV,
    head_dim: E,
    hidden_size: D,
    bidirectional_spans: isBidirectional,
  } = config;
  const names = cacheNames(config);
  const shapes = shapesByKey(config);

  const append = async (row: CachedRow, piece: Piece): Promise<Float32Array | undefined> => {
    const length = pieceLength(piece);
    const positions = positionsFrom([row], length);
    const [embedded, decoder, causal] =
      piece.kind === 'tokens'
        ? [await embedTokens(piece.ids), DECODER, true]
        : [
            await embedLatent(piece.span),
            shapeOf(piece.span.modality, piece.span.latentShape).decoder,
            !isBidirectional,
          ];
    const outputs = await graphs.run(decoder, {
      inputs_embeds: { dims: [1, length, D], data: embedded },
      position_ids: positions,
      causal_ids: causal ? positions : { dims: [1, length], data: new Int32Array(length) },
      logits_to_keep: { dims: [1], data: Int32Array.of(length - 1) },
      ...cacheInputs([row]),
    });
    row.arrays = names.map((name) => outputs[`present.${name}`]);
    row.length += length;
    return outputs['logits'];
  };
  const shapeOf = (modality: string, latentShape: readonly number[]): ExportedShape =>
    shapes.get(groupKey(modality, latentShape))!;
  const embedTokens = async (ids: readonly number[]): Promise<Float32Array> =>
    (await graphs.run(EMBED_TOKENS, { input_ids: { dims: [1, ids.length], data: Int32Array.from(ids) } }))[
      'inputs_embeds'
    ];
  const embedLatent = async (span: Extract<Piece, { kind: 'span' }>['span']): Promise<Float32Array> => {
    const { embedder } = shapeOf(span.modality, span.latentShape);
    const outputs = await graphs.run(embedder, {
      latents: { dims: [1, ...span.latentShape], data: span.latent.data },
      timesteps: { dims: [1], data: new Float32Array(1) },
    });
    return outputs['inputs_embeds'];
  };

  /** Pads the rows to the length of the longest. */
  const cacheInputs = (rows: readonly CachedRow[]): Record<string, GraphTensor> => {
    const past = Math.max(...rows.map(({ length }) => length));
    const mask = new Int32Array(rows.length * past);
    rows.forEach(({ length }, r) => mask.fill(1, r * past, r * past + length));
    const inputs: Record<string, GraphTensor> = { attention_mask: { dims: [rows.length, past], data: mask } };
    names.forEach((name, n) => {
      inputs[`past_key_values.${name}`] = {
        dims: [rows.length, KV, past, E],
        data: rows.length === 1 ? rows[0].arrays[n] : padded(rows, n, past),
      };
    });
    return inputs;
  };
  const padded = (rows: readonly CachedRow[], n: number, past: number): Float32Array => {
    const joined = new Float32Array(rows.length * KV * past * E);
    rows.forEach(({ length, arrays }, r) => {
      for (let head = 0; head < KV; head++) {
        const own = arrays[n].subarray(head * length * E, (head + 1) * length * E);
        joined.set(own, (r * KV + head) * past * E);
      }
    });
    return joined;
  };

  return {
    add: () => ({ length: 0, arrays: names.map(() => new Float32Array()) }),
    remove: (row) => (row.arrays = []),
    append: async (row, document, from, read) => {
      let logits: Float32Array | undefined;
      for (const piece of piecesOf(document, from)) {
        signal.throwIfAborted();
        logits = await append(row, piece);
      }
      signal.throwIfAborted();
      return read ? logits : undefined;
    },
    denoise: async (key, { rows, latent, timestep }) => {
      signal.throwIfAborted();
      const { latent_shape: shape, span_length: length, denoiser } = shapes.get(key)!;
      const latents = new Float32Array(rows.length * latent.length);
      rows.forEach((_, r) => latents.set(latent, r * latent.length));
      const { output } = await graphs.run(denoiser, {
        latents: { dims: [rows.length, ...shape], data: latents },
        timesteps: { dims: [rows.length], data: new Float32Array(rows.length).fill(timestep) },
        position_ids: positionsFrom(rows, length),
        ...cacheInputs(rows),
      });
      signal.throwIfAborted();
      return rows.map((_, r) => output.slice(r * latent.length, (r + 1) * latent.length));
    },
  };
}

/** Names of the arrays of the cache, after `past_key_values.` and `present.`. */
export function cacheNames({ num_hidden_layers: count }: ExportConfig): readonly string[] {
  return Array.from({ length: count }, (_, layer) => [`${layer}.key`, `${layer}.value`]).flat();
}

function positionsFrom(rows: readonly CachedRow[], length: number): GraphTensor {
  const data = rows.flatMap((row) => Array.from({ length }, (_, i) => row.length + i));
  return { dims: [rows.length, length], data: Int32Array.from(data) };
}

function shapesByKey({ modalities }: ExportConfig): ReadonlyMap<string, ExportedShape> {
  return new Map(
    modalities.flatMap((modality) =>
      modality.kind === 'discrete'
        ? []
        : modality.shapes.map((shape) => [groupKey(modality.name, shape.latent_shape), shape] as const),
    ),
  );
}
