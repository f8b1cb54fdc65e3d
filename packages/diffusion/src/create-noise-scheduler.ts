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

/** Factories by the `type` of their configs; each validates its option values. */
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

/** Types that {@link createNoiseScheduler} supports. */
export const noiseSchedulerTypes: readonly string[] = Object.keys(types);

/**
 * Creates one of this package's schedulers from its {@link NoiseScheduler.config}. It samples like the
 * original; for training it has the default timestep distribution and loss weights.
 *
 * @throws TransfusionError `not-found` for an unknown type, `invalid-argument` for an unknown option or a
 *   value out of range
 */
export function createNoiseScheduler({
  type,
  ...options
}: {
  readonly type: string;
  readonly [option: string]: unknown;
}): NoiseScheduler {
  const factory = Object.hasOwn(types, type) ? types[type] : undefined;
  if (factory === undefined) {
    const known = noiseSchedulerTypes.map((name) => `'${name}'`);
    throw new TransfusionError(
      'not-found',
      `createNoiseScheduler: the type is '${type}', expected ${known.join(' or ')}. ` +
        'For a scheduler of another package, use its own factory.',
    );
  }
  const unknown = Object.keys(options).find((option) => !factory.options.includes(option));
  if (unknown !== undefined) {
    throw new TransfusionError(
      'invalid-argument',
      `createNoiseScheduler: unknown option '${unknown}' of '${type}', expected one of '${factory.options.join("', '")}'. ` +
        'Use the version of the package that wrote the config.',
    );
  }
  return factory.create(options);
}
