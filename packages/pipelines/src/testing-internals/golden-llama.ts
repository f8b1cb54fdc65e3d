/** The model of the golden likelihoods: a Llama of `transformers` with random weights, and its tokenizer. */
import { readFileSync } from 'node:fs';
import * as tf from '@transfusion/tfjs';
import { createTransfusion, transformerConfig, type TransfusionParams } from '@transfusion/core';
import { createModalityRegistry } from '@transfusion/modality';
import { loadTokenizer, text, type TokenizerJson } from '@transfusion/modality-text';
import type { TrainedModel } from '../trained-model.js';

interface Golden {
  readonly config: Parameters<typeof transformerConfig>[0];
  readonly tokenizer: TokenizerJson;
  readonly weights: Record<string, { readonly shape: number[]; readonly data: number[] }>;
  readonly likelihoods: readonly {
    readonly context: string;
    readonly continuation: string;
    readonly maxLength: number;
    readonly logProb: number;
    readonly isGreedy: boolean;
  }[];
  readonly rolling: readonly {
    readonly text: string;
    readonly maxLength: number;
    readonly logProb: number;
    readonly numTokens: number;
  }[];
}

/** Results of lm-evaluation-harness; the script is tools/checks/golden/evaluators/likelihoods.py. */
export const golden = JSON.parse(
  readFileSync(new URL('../golden/lm-eval.json', import.meta.url), 'utf8'),
) as Golden;

/** Loads the model: BOS and EOS follow the tokens, in the vocabulary as in the Llama. */
export async function goldenLlama(): Promise<TrainedModel> {
  const { config, weights } = golden;
  const modalities = createModalityRegistry(text({ tokenizer: await loadTokenizer(golden.tokenizer) }));
  const model = createTransfusion({ modalities, transformer: transformerConfig(config) });
  const of = (name: string) => ({ weight: tf.tensor(weights[name].data, weights[name].shape) });
  const layers = Array.from({ length: config.numLayers }, (_, layer) => {
    const part = (name: string) => of(`model.layers.${layer}.${name}.weight`);
    return {
      tokens: {
        attentionNorm: part('input_layernorm'),
        attention: {
          query: part('self_attn.q_proj'),
          key: part('self_attn.k_proj'),
          value: part('self_attn.v_proj'),
          out: part('self_attn.o_proj'),
        },
        ffnNorm: part('post_attention_layernorm'),
        ffn: { gate: part('mlp.gate_proj'), up: part('mlp.up_proj'), down: part('mlp.down_proj') },
      },
    };
  });
  const params: TransfusionParams = {
    tokenEmbedding: of('model.embed_tokens.weight'),
    trunk: { layers, norm: { tokens: of('model.norm.weight') } },
    lmHead: of('lm_head.weight'),
    adapters: {},
  };
  return { model: model as unknown as TrainedModel['model'], params };
}
