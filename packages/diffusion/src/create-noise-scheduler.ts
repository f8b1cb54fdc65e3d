import { TransfusionError } from '@transfusion/errors';
import { ddim } from './ddim.js';
import { ddpm } from './ddpm.js';
import { dpmSolverPlusPlus } from './dpm-solver-plus-plus.js';
import { flowEuler } from './flow-euler.js';
import { flowHeun } from './flow-heun.js';
import type { NoiseScheduler } from './noise-scheduler.js';

const diffusionOptions = [
  'numTrainTimesteps',
  'betaSchedule',
  'betaStart',
  'betaEnd',
  'predictionType',
  'timestepSpacing',
  'clipSample',
];
const flowOptions = ['numTrainTimesteps', 'predictionType', 'shift', 'clipSample'];

/** The factories by the `type` of their configs; each checks the values of its options. */
const types: Readonly<
  Record<
    string,
    { readonly create: (options: object) => NoiseScheduler; readonly options: readonly string[] }
  >
> = {
  ddpm: { create: ddpm, options: diffusionOptions },
  ddim: { create: ddim, options: [...diffusionOptions, 'eta'] },
  'dpm-solver++': { create: dpmSolverPlusPlus, options: diffusionOptions },
  'flow-euler': { create: flowEuler, options: flowOptions },
  'flow-heun': { create: flowHeun, options: flowOptions },
};

/** The types that {@link createNoiseScheduler} makes. */
export const noiseSchedulerTypes: readonly string[] = Object.keys(types);

/**
 * Makes one of this package's schedulers from its {@link NoiseScheduler.config}. It samples as the original does;
 * for training it has the default timesteps and loss weights.
 *
 * @throws TransfusionError `not-found` for another type, `invalid-argument` for an option that the type lacks or
 * a value out of range
 */
export function createNoiseScheduler({
  type,
  ...options
}: {
  readonly type: string;
  readonly [option: string]: unknown;
}): NoiseScheduler {
  const found = Object.hasOwn(types, type) ? types[type] : undefined;
  if (found === undefined) {
    const known = noiseSchedulerTypes.map((name) => `'${name}'`);
    throw new TransfusionError(
      'not-found',
      `createNoiseScheduler: the type is '${type}', expected ${known.join(' or ')}. ` +
        'For a scheduler of another package, use its own factory.',
    );
  }
  const unknown = Object.keys(options).find((option) => !found.options.includes(option));
  if (unknown !== undefined) {
    throw new TransfusionError(
      'invalid-argument',
      `createNoiseScheduler: '${type}' has no option '${unknown}', only '${found.options.join("', '")}'. ` +
        'Use the version of the package that wrote the config.',
    );
  }
  return found.create(options);
}
