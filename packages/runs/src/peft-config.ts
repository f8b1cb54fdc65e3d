/** `adapter_config.json` of PEFT. */
import { lora, loraTargets, type LoraConfig, type LoraTarget } from '@transfusion/core';
import { TransfusionError } from '@transfusion/errors';

/** Names of the projections in a `LlamaForCausalLM`, after `model.layers.<n>.`. */
export const peftModules: Readonly<Record<LoraTarget, string>> = {
  query: 'self_attn.q_proj',
  key: 'self_attn.k_proj',
  value: 'self_attn.v_proj',
  out: 'self_attn.o_proj',
  gate: 'mlp.gate_proj',
  up: 'mlp.up_proj',
  down: 'mlp.down_proj',
};

/** Settings of PEFT that change what the updates compute, and their only supported values. */
const SUPPORTED: Readonly<Record<string, unknown>> = {
  peft_type: 'LORA',
  bias: 'none',
  fan_in_fan_out: false,
  use_rslora: false,
  use_dora: false,
  use_qalora: false,
  use_bdlora: false,
  lora_bias: false,
  rank_pattern: {},
  alpha_pattern: {},
  modules_to_save: null,
  layers_to_transform: null,
  layer_replication: null,
  target_parameters: null,
  trainable_token_indices: null,
  alora_invocation_tokens: null,
};

/** Initializations of updates that leave the base weights as they are; others (PiSSA, OLoRA, LoftQ) change them. */
const SUPPORTED_INIT: readonly unknown[] = [true, false, 'gaussian', 'eva', 'orthogonal'];

/** Returns the content of `adapter_config.json`. */
export function peftConfig({ rank, alpha, targets }: LoraConfig): object {
  return {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: null,
    inference_mode: true,
    bias: 'none',
    fan_in_fan_out: false,
    r: rank,
    lora_alpha: alpha,
    lora_dropout: 0,
    target_modules: targets.map((target) => peftModules[target].split('.')[1]),
  };
}

/**
 * Parses `adapter_config.json`.
 *
 * @param targets the projections that the file with the weights has
 * @throws TransfusionError `invalid-file` for a setting that is not supported, naming it
 */
export function parsePeftConfig(path: string, text: string, targets: readonly LoraTarget[]): LoraConfig {
  const refuse = (problem: string, cause?: unknown): never => {
    throw new TransfusionError('invalid-file', `${path}: ${problem}.`, { cause });
  };
  let config: Record<string, unknown>;
  try {
    config = JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    return refuse(`it is not JSON (${(error as Error).message}), expected a configuration of PEFT`, error);
  }
  if (typeof config !== 'object' || config === null) return refuse('it is not a JSON object');
  for (const [name, supported] of Object.entries(SUPPORTED)) {
    const found = config[name] ?? supported;
    if (JSON.stringify(found) === JSON.stringify(supported)) continue;
    return refuse(
      `${name} is ${JSON.stringify(found)}, expected ${JSON.stringify(supported)}. Train the updates without it`,
    );
  }
  const initialization = config['init_lora_weights'] ?? true;
  if (!SUPPORTED_INIT.includes(initialization)) {
    return refuse(
      `init_lora_weights is ${JSON.stringify(initialization)}, which changes the base weights, expected one of ` +
        `${SUPPORTED_INIT.map((value) => JSON.stringify(value)).join(', ')}. Convert the updates to plain LoRA`,
    );
  }
  if (typeof config['lora_alpha'] !== 'number') {
    return refuse(`lora_alpha is ${JSON.stringify(config['lora_alpha'])}, expected a number`);
  }
  try {
    return lora({ rank: config['r'] as number, alpha: config['lora_alpha'], targets });
  } catch (error) {
    return refuse((error as Error).message.replace(/\.$/, ''), error);
  }
}

/** Returns the name of a tensor in `adapter_model.safetensors`. */
export function peftTensor(layer: number, target: LoraTarget, matrix: 'lora_A' | 'lora_B'): string {
  return `base_model.model.model.layers.${layer}.${peftModules[target]}.${matrix}.weight`;
}

/** Returns the projections that tensors of these names are of. */
export function peftTargets(names: Iterable<string>): readonly LoraTarget[] {
  const all = [...names];
  return loraTargets.filter((target) => all.some((name) => name.includes(`.${peftModules[target]}.`)));
}
