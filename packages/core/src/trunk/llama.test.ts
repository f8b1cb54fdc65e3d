/**
 * With the weights of a Llama (or, with `qkNorm`, of a Qwen3) the model gives the logits of `transformers`.
 */
import { readFileSync } from 'node:fs';
import * as tf from '@transfusion/tfjs';
import '@transfusion/tfjs-backend-onnxruntime';
import { embedding, linear } from '@transfusion/nn';
import { beforeAll, describe, expect, it } from 'vitest';
import { cachedTrunk, joinBlock, type KeyValues } from '../generate/engine/cached-trunk.js';
import { expectClose } from '../testing-internals/expect-close.js';
import { transformerConfig, type TransformerConfig } from './config.js';
import { attentionBias } from './mask.js';
import { trunk, type BlockParams, type TrunkParams } from './trunk.js';

interface GoldenCase {
  readonly numHeads: number;
  readonly numKvHeads: number;
  readonly ropeTheta: number;
  readonly rmsNormEpsilon: number;
  readonly qkNorm: boolean;
  readonly weights: Record<string, { readonly shape: number[]; readonly data: number[] }>;
  readonly ids: number[][];
  readonly logits: number[];
}
const cases = JSON.parse(
  readFileSync(new URL('../golden/llama.json', import.meta.url), 'utf8'),
) as GoldenCase[];

function load({ weights, qkNorm, ...sizes }: GoldenCase) {
  const of = (name: string) => ({ weight: tf.tensor(weights[name].data, weights[name].shape) });
  const config: TransformerConfig = transformerConfig({
    numLayers: 2,
    modelDim: 16,
    ffnDim: 24,
    qkNorm,
    numHeads: sizes.numHeads,
    numKvHeads: sizes.numKvHeads,
    ropeTheta: sizes.ropeTheta,
    rmsNormEpsilon: sizes.rmsNormEpsilon,
  });
  const block = (layer: number): BlockParams => {
    const part = (name: string) => of(`model.layers.${layer}.${name}.weight`);
    return {
      attentionNorm: part('input_layernorm'),
      attention: {
        query: part('self_attn.q_proj'),
        key: part('self_attn.k_proj'),
        value: part('self_attn.v_proj'),
        out: part('self_attn.o_proj'),
        ...(qkNorm ? { queryNorm: part('self_attn.q_norm'), keyNorm: part('self_attn.k_norm') } : {}),
      },
      ffnNorm: part('post_attention_layernorm'),
      ffn: { gate: part('mlp.gate_proj'), up: part('mlp.up_proj'), down: part('mlp.down_proj') },
    };
  };
  const params: TrunkParams = {
    layers: [0, 1].map((layer) => ({ tokens: block(layer) })),
    norm: { tokens: of('model.norm.weight') },
  };
  return { config, params, tokens: of('model.embed_tokens.weight'), lmHead: of('lm_head.weight') };
}

type Loaded = ReturnType<typeof load>;

/** Hidden vectors, positions and mask of the positions from `start` on. */
function inputsFrom({ tokens }: Loaded, ids: readonly number[][], start: number) {
  const [B, total] = [ids.length, ids[0].length];
  const S = total - start;
  const shown = tf.tensor2d(
    ids.map((row) => row.slice(start)),
    [B, S],
    'int32',
  );
  const positions = tf.tile(tf.range(start, total, 1, 'int32').reshape([1, S]), [B, 1]) as tf.Tensor2D;
  const document = tf.zeros<tf.Rank.R2>([B, S], 'int32');
  const outside = tf.fill([B, S], -1, 'int32') as tf.Tensor2D;
  return { x: embedding(tokens, shown) as tf.Tensor3D, positions, bias: attentionBias(document, outside) };
}

function logitsOf(loaded: Loaded, ids: readonly number[][]): tf.Tensor {
  const { x, positions, bias } = inputsFrom(loaded, ids, 0);
  return linear(loaded.lmHead, trunk(loaded.params, loaded.config, x, { positions, bias }));
}

/** Logits of the positions from `start` on, and the cache with their keys and values. */
function cachedLogitsOf(
  loaded: Loaded,
  ids: readonly number[][],
  start: number,
  cache: readonly KeyValues[],
) {
  const { config, params, lmHead } = loaded;
  const { x, positions, bias: among } = inputsFrom(loaded, ids, start);
  const [B, S] = positions.shape;
  const [, KV, T] = cache[0].keys.shape;
  const places = tf.buffer([B, S, KV, 3], 'int32');
  for (let b = 0; b < B; b++) {
    for (let s = 0; s < S; s++) {
      for (let head = 0; head < KV; head++)
        [b, head, start + s].forEach((at, i) => places.set(at, b, s, head, i));
    }
  }
  // Earlier positions are visible, and unused ones hidden.
  const earlier = tf.zeros([B, 1, S, start]);
  const unused = tf.fill([B, 1, S, T - start - S], -1e9);
  const blocks = params.layers.map(({ tokens: block }) => joinBlock(block, config));
  const { hidden, cache: updated } = cachedTrunk(blocks, params.norm.tokens.weight, config, x, {
    positions,
    write: (cached, fresh) => tf.tensorScatterUpdate(cached, places.toTensor(), fresh) as tf.Tensor4D,
    bias: tf.concat([earlier, among, unused], 3) as tf.Tensor4D,
    cache,
  });
  return { logits: linear(lmHead, hidden), cache: updated };
}

const tolerance = { absolute: 1e-4, relative: 1e-5 };

describe.each(['cpu', 'onnxruntime'])('on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  it.each(cases)(
    'heads $numHeads/$numKvHeads, theta $ropeTheta, epsilon $rmsNormEpsilon, qkNorm $qkNorm',
    (golden) => {
      const loaded = load(golden);
      const logits = logitsOf(loaded, golden.ids);
      expect(logits.shape).toEqual([2, 7, 11]);
      expectClose(logits.dataSync(), golden.logits, tolerance);
    },
  );

  it.each(cases)('with a cache of keys and values: $numHeads/$numKvHeads heads', (golden) => {
    const loaded = load(golden);
    const steps = [3, 4, 6, 7];
    // With room for more, whose content is hidden.
    const empty = (): tf.Tensor4D => tf.fill([2, golden.numKvHeads, 9, 16 / golden.numHeads], 5);
    let cache: readonly KeyValues[] = loaded.params.layers.map(() => ({ keys: empty(), values: empty() }));
    let start = 0;
    const parts: tf.Tensor[] = [];
    for (const end of steps) {
      const ids = golden.ids.map((row) => row.slice(0, end));
      const { logits, cache: updated } = cachedLogitsOf(loaded, ids, start, cache);
      parts.push(logits);
      cache = updated;
      start = end;
    }
    expectClose(tf.concat(parts, 1).dataSync(), golden.logits, tolerance);
  });
});
