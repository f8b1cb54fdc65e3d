/**
 * LoRA (Hu et al. 2021): low-rank updates of the trunk's projections, trained in place of the projections themselves.
 * They are a part of the parameters of their own (`lora`), so that they can be saved apart.
 */
import { TransfusionError } from '@transfusion/errors';
import {
  initLinear,
  mergedWeight,
  zeros,
  type LinearParams,
  type LoraParams,
  type Rng,
} from '@transfusion/nn';
import type { TransformerConfig } from './config.js';
import { TOKENS } from './element-kinds.js';
import type { BlockParams, TrunkParams } from './trunk.js';

/** The projections of a layer that can have an update. */
export const loraTargets = ['query', 'key', 'value', 'out', 'gate', 'up', 'down'] as const;

/** Name of a projection. */
export type LoraTarget = (typeof loraTargets)[number];

/** Low-rank updates of the trunk. */
export interface LoraConfig {
  /** Rank of the updates. */
  readonly rank: number;
  /** The updates are multiplied by alpha / rank. */
  readonly alpha: number;
  readonly targets: readonly LoraTarget[];
}

/** Trained parameters of the updates: by layer, and by projection. */
export type TrunkLoraParams = {
  readonly layers: readonly { readonly [target: string]: LoraParams }[];
};

/**
 * Returns a complete configuration of LoRA.
 *
 * @param options `alpha` defaults to `rank`; `targets` to queries and values, as in section 4.2 of the paper
 * @throws TransfusionError `invalid-argument` for values out of range, and unknown or repeated targets
 */
export function lora({
  rank,
  alpha = rank,
  targets = ['query', 'value'],
}: Pick<LoraConfig, 'rank'> & Partial<LoraConfig>): LoraConfig {
  const check = (condition: boolean, problem: string): void => {
    if (!condition) throw new TransfusionError('invalid-argument', `lora: ${problem}.`);
  };
  check(Number.isInteger(rank) && rank > 0, `rank is ${rank}, expected a positive integer`);
  check(Number.isFinite(alpha) && alpha > 0, `alpha is ${alpha}, expected a number above 0`);
  const known = loraTargets.join(', ');
  check(
    Array.isArray(targets) && targets.length > 0,
    `targets is ${String(targets)}, expected some of ${known}`,
  );
  for (const target of targets) {
    check(loraTargets.includes(target), `targets has '${String(target)}', expected some of ${known}`);
    check(targets.indexOf(target) === targets.lastIndexOf(target), `targets has '${target}' twice`);
  }
  return { rank, alpha, targets: loraTargets.filter((target) => targets.includes(target)) };
}

/** Initializes the updates: `down` at random and `up` with zeros, so that the trunk is unchanged at first. */
export function initLora(
  rng: Rng,
  config: TransformerConfig,
  { rank, targets }: LoraConfig,
): TrunkLoraParams {
  return {
    layers: Array.from({ length: config.numLayers }, (_, layer) =>
      Object.fromEntries(
        targets.map((target) => {
          const [inDim, outDim] = loraSize(config, target);
          const { weight: down } = initLinear(rng.fork(`layer ${layer} ${target}`), inDim, rank);
          return [target, { down, up: zeros([rank, outDim]) }];
        }),
      ),
    ),
  };
}

/** Returns the numbers of inputs and outputs of a projection. */
export function loraSize(config: TransformerConfig, target: LoraTarget): readonly [number, number] {
  const { modelDim: D, ffnDim: F, numHeads, numKvHeads } = config;
  const kvDim = (D / numHeads) * numKvHeads;
  if (target === 'key' || target === 'value') return [D, kvDim];
  if (target === 'gate' || target === 'up') return [D, F];
  return target === 'down' ? [F, D] : [D, D];
}

/** Returns the trunk with its updates beside the projections, for `trunk` and `joinTrunk`. */
export function withLora(
  params: TrunkParams,
  updates: TrunkLoraParams,
  { rank, alpha }: LoraConfig,
): TrunkParams {
  return mapProjections(params, (projection, layer, target) => {
    const update = updates.layers[layer][target];
    if (update === undefined) return projection;
    return { ...projection, lora: { down: update.down, up: update.up.mul(alpha / rank) } };
  });
}

/**
 * Returns a model's parameters with the low-rank updates added to the weights of the trunk; other weights are shared, and
 * the updates stay the caller's.
 */
export function mergeLora<P extends { readonly trunk: TrunkParams; readonly lora?: TrunkLoraParams }>(
  params: P,
  config: LoraConfig,
): Omit<P, 'lora'> {
  const { lora: updates, ...others } = params;
  if (updates === undefined) return others;
  const trunk = mapProjections(withLora(params.trunk, updates, config), ({ lora: update, ...projection }) =>
    update === undefined
      ? projection
      : { ...projection, weight: mergedWeight({ ...projection, lora: update }) },
  );
  return { ...others, trunk };
}

function mapProjections(
  params: TrunkParams,
  change: (projection: LinearParams, layer: number, target: LoraTarget) => LinearParams,
): TrunkParams {
  const mapBlock = (block: BlockParams, layer: number): BlockParams => {
    const { query, key, value, out } = block.attention;
    const { gate, up, down } = block.ffn;
    return {
      ...block,
      attention: {
        ...block.attention,
        query: change(query, layer, 'query'),
        key: change(key, layer, 'key'),
        value: change(value, layer, 'value'),
        out: change(out, layer, 'out'),
      },
      ffn: {
        ...block.ffn,
        gate: change(gate, layer, 'gate'),
        up: change(up, layer, 'up'),
        down: change(down, layer, 'down'),
      },
    };
  };
  return {
    ...params,
    layers: params.layers.map((blocks, i) => ({ ...blocks, [TOKENS]: mapBlock(blocks[TOKENS], i) })),
  };
}
