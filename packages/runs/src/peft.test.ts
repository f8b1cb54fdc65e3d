/** Low-rank updates that PEFT saved for a Llama give its logits, beside the weights and merged. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@transfusion/tfjs';
import {
  attentionBias,
  createTransfusion,
  mergeLora,
  transformerConfig,
  trunk,
  type TransfusionParams,
  type TrunkParams,
} from '@transfusion/core';
import { selectEngine } from '@transfusion/engine';
import { createModalityRegistry } from '@transfusion/modality';
import { text } from '@transfusion/modality-text';
import { embedding, linear, readSafetensors } from '@transfusion/nn';
import { saveCheckpoint } from '@transfusion/trainer';
import { beforeAll, expect, test } from 'vitest';
import { exportLora, readLora } from './lora-files.js';

const folder = fileURLToPath(new URL('golden/lora', import.meta.url));

interface Golden {
  readonly weights: Record<string, { readonly shape: number[]; readonly data: number[] }>;
  readonly ids: number[][];
  readonly base: number[];
  readonly unmerged: number[];
  readonly merged: number[];
}
const golden = JSON.parse(readFileSync(join(folder, 'llama.json'), 'utf8')) as Golden;
const transformer = transformerConfig({ numLayers: 2, modelDim: 16, ffnDim: 24, numHeads: 4, numKvHeads: 2 });

beforeAll(() => selectEngine('onnxruntime'));

const of = (name: string): { weight: tf.Tensor } => {
  const { data, shape } = golden.weights[`${name}.weight`];
  return { weight: tf.tensor(data, shape) };
};

function llama(): TransfusionParams {
  const layers = [0, 1].map((layer) => {
    const part = (name: string) => of(`model.layers.${layer}.${name}`);
    const attention = {
      query: part('self_attn.q_proj'),
      key: part('self_attn.k_proj'),
      value: part('self_attn.v_proj'),
      out: part('self_attn.o_proj'),
    };
    const ffn = { gate: part('mlp.gate_proj'), up: part('mlp.up_proj'), down: part('mlp.down_proj') };
    const [attentionNorm, ffnNorm] = [part('input_layernorm'), part('post_attention_layernorm')];
    return { tokens: { attentionNorm, attention, ffnNorm, ffn } };
  });
  const norm = { tokens: of('model.norm') };
  return {
    tokenEmbedding: of('model.embed_tokens'),
    trunk: { layers, norm },
    lmHead: of('lm_head'),
    adapters: {},
  };
}

function logitsOf({ tokenEmbedding, lmHead }: TransfusionParams, weights: TrunkParams): Float32Array {
  const [B, S] = [golden.ids.length, golden.ids[0].length];
  const ids = tf.tensor2d(golden.ids, [B, S], 'int32');
  const positions = tf.tile(tf.range(0, S, 1, 'int32').reshape([1, S]), [B, 1]) as tf.Tensor2D;
  const bias = attentionBias(tf.zeros([B, S], 'int32'), tf.fill([B, S], -1, 'int32'));
  const x = embedding(tokenEmbedding, ids) as tf.Tensor3D;
  return linear(lmHead, trunk(weights, transformer, x, { positions, bias })).dataSync<'float32'>();
}

function largestDifference(a: ArrayLike<number>, b: readonly number[]): number {
  return Math.max(...b.map((value, i) => Math.abs(value - a[i])));
}

test('logits are those of PEFT', async () => {
  const { config, params: lora } = await readLora(folder, transformer);
  expect(config).toMatchObject({ rank: 3, alpha: 6 });
  const params = { ...llama(), lora };
  const model = createTransfusion({ transformer, modalities: createModalityRegistry(text()), lora: config });
  expect(largestDifference(logitsOf(params, params.trunk), golden.base)).toBeLessThan(1e-4);
  expect(largestDifference(logitsOf(params, model.trunkOf(params)), golden.unmerged)).toBeLessThan(1e-4);
  const merged = mergeLora(params, config);
  expect(largestDifference(logitsOf(merged, merged.trunk), golden.merged)).toBeLessThan(1e-4);
  expect(largestDifference(golden.base, golden.unmerged)).toBeGreaterThan(0.5);
});

test('what is exported is what PEFT saved', async () => {
  const { config, params: lora } = await readLora(folder, transformer);
  const { config: model } = createTransfusion({
    transformer,
    modalities: createModalityRegistry(text()),
    lora: config,
  });
  const info = { step: 1, skippedInARow: 0, cursor: null, model, description: null };
  const { path } = await saveCheckpoint(mkdtempSync(join(tmpdir(), 'peft-')), info, { ema: { lora } });
  const out = join(mkdtempSync(join(tmpdir(), 'peft-')), 'lora');
  await exportLora(path, out);
  const [found, expected] = await Promise.all(
    [out, folder].map((of) => readSafetensors(join(of, 'adapter_model.safetensors'))),
  );
  expect([...found.tensors.keys()].sort()).toEqual([...expected.tensors.keys()].sort());
  for (const name of expected.tensors.keys())
    expect(await found.read(name)).toEqual(await expected.read(name));
  await Promise.all([found.close(), expected.close()]);
});

test('updates of a trunk of another size are refused', async () => {
  await expect(readLora(folder, { ...transformer, numLayers: 1 })).rejects.toThrow(
    /has 'base_model\.model\.model\.layers\.1\..*', expected updates of the projections of 1 layers/,
  );
  await expect(readLora(folder, { ...transformer, modelDim: 32 })).rejects.toThrow(
    /lora_A\.weight' is float32 \[3,16\], expected float32 \[3,32\]/,
  );
});
