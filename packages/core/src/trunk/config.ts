import { TransfusionError } from '@transfusion/errors';

/** The transformer's configuration. */
export interface TransformerConfig {
  readonly numLayers: number;
  /** D: width of the hidden vectors. */
  readonly modelDim: number;
  /** H: number of attention heads; each is modelDim / numHeads wide. */
  readonly numHeads: number;
  /** Number of key-value heads; fewer than `numHeads` is grouped-query attention (Ainslie et al. 2023). */
  readonly numKvHeads: number;
  /** F: hidden width of the feed-forward layers. */
  readonly ffnDim: number;
  /** Base of the rotary frequencies. */
  readonly ropeTheta: number;
  readonly rmsNormEpsilon: number;
  /** Normalizes queries and keys before attention (Dehghani et al. 2023), as Chameleon does. */
  readonly qkNorm: boolean;
  /**
   * `shared`: one set of weights for all elements of the sequence, as in the paper. `per-modality`: tokens
   * and each continuous modality have their own projections, norms and feed-forward layers, and share only
   * attention (Mixture-of-Transformers, Liang et al. 2024).
   */
  readonly weights: 'shared' | 'per-modality';
}

/** Options of {@link transformerConfig}; all but three have defaults. */
export type TransformerOptions = Pick<TransformerConfig, 'numLayers' | 'modelDim' | 'numHeads'> &
  Partial<TransformerConfig>;

/** Returns Llama's feed-forward width: 8/3 of the model width, rounded up to a multiple of 256. */
export function llamaFfnDim(modelDim: number): number {
  return Math.ceil((8 * modelDim) / 3 / 256) * 256;
}

/**
 * Completes a configuration with Llama's defaults.
 *
 * @throws TransfusionError `invalid-argument` for invalid or inconsistent values
 */
export function transformerConfig(options: TransformerOptions): TransformerConfig {
  const config: TransformerConfig = {
    numKvHeads: options.numHeads,
    ffnDim: llamaFfnDim(options.modelDim),
    ropeTheta: 10_000,
    rmsNormEpsilon: 1e-5,
    qkNorm: false,
    weights: 'shared',
    ...options,
  };
  checkTransformerConfig(config, (problem) => `transformerConfig: ${problem}.`);
  return config;
}

/**
 * Checks a complete configuration.
 *
 * @param describe makes the error message of a problem
 * @throws TransfusionError `invalid-argument` for missing, invalid or inconsistent values
 */
export function checkTransformerConfig(
  config: TransformerConfig,
  describe: (problem: string) => string,
): void {
  const check = (condition: boolean, problem: string): void => {
    if (!condition) throw new TransfusionError('invalid-argument', describe(problem));
  };
  const { modelDim, numHeads, numKvHeads, ropeTheta, rmsNormEpsilon, qkNorm, weights } = config;
  for (const name of ['numLayers', 'modelDim', 'numHeads', 'numKvHeads', 'ffnDim'] as const) {
    const size = config[name];
    check(Number.isInteger(size) && size > 0, `${name} is ${size}, expected a positive integer`);
  }
  check(
    modelDim % (2 * numHeads) === 0,
    `modelDim is ${modelDim}, expected an even multiple of numHeads (${numHeads})`,
  );
  check(
    numHeads % numKvHeads === 0,
    `numHeads is ${numHeads}, expected a multiple of numKvHeads (${numKvHeads})`,
  );
  check(ropeTheta > 0, `ropeTheta is ${ropeTheta}, expected a number above 0`);
  check(rmsNormEpsilon > 0, `rmsNormEpsilon is ${rmsNormEpsilon}, expected a number above 0`);
  check(typeof qkNorm === 'boolean', `qkNorm is ${String(qkNorm)}, expected true or false`);
  check(
    weights === 'shared' || weights === 'per-modality',
    `weights is '${String(weights)}', expected 'shared' or 'per-modality'`,
  );
}
