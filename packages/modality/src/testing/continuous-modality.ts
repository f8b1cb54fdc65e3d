import { noiseSchedulerChecks } from '@transfusion/diffusion/testing';
import { checkLatent } from '../encode-document.js';
import { formatShape, type Latent } from '../latent.js';
import type { ModalityFactory } from '../modality-factory.js';
import type { ContinuousModality } from '../modality.js';
import { adapterChecks } from './adapter.js';
import { acceptsCheck, expectThat, type ConformanceCheck } from './conformance-check.js';
import { mediaChecks } from './media.js';
import { previewChecks } from './preview.js';
import { rebuildChecks } from './rebuild.js';

/** Examples for {@link continuousModalityChecks}. */
export interface ContinuousModalityExamples<Value> {
  /** At least two values, covering all latent shapes if possible. */
  readonly values: readonly Value[];
  /** Returns the distance between two values. */
  readonly distance: (original: Value, decoded: Value) => number;
  /** Maximum distance between a value and its reconstruction by the codec. */
  readonly tolerance: number;
  /** Maximum distance between a value and what is read from its file; defaults to 0. */
  readonly mediaTolerance?: number;
  /** Factory that rebuilds the modality from a checkpoint, if there is one. */
  readonly factory?: ModalityFactory;
  /** Additional values that must be refused, besides undefined, null, a symbol and a function. */
  readonly foreignValues?: readonly unknown[];
  /** Model width of the adapter to test; defaults to 32. */
  readonly modelDim?: number;
}

/**
 * Returns the conformance checks of a continuous modality with its codec, adapter and noise scheduler, for the tests of a
 * plug-in. They run on the active TensorFlow.js backend.
 */
export function continuousModalityChecks<Value>(
  modality: ContinuousModality<string, Value>,
  {
    values,
    distance,
    tolerance,
    mediaTolerance = 0,
    factory,
    foreignValues = [],
    modelDim = 32,
  }: ContinuousModalityExamples<Value>,
): readonly ConformanceCheck[] {
  const { name, codec, latentShapes } = modality;
  const encode = async (): Promise<readonly Latent[]> => {
    const latents = await codec.encode(values);
    expectThat(
      latents.length === values.length,
      () => `codec.encode() returns ${latents.length} latents for ${values.length} values`,
    );
    latents.forEach((latent, i) => checkLatent(modality, latent, `codec.encode() of the example ${i}`));
    return latents;
  };
  return [
    acceptsCheck(modality, values, foreignValues),
    {
      name: `${name}: lossWeight is a non-negative number, and the codec has an id`,
      run: () => {
        const { lossWeight } = modality;
        expectThat(lossWeight >= 0 && Number.isFinite(lossWeight), () => `lossWeight is ${lossWeight}`);
        expectThat(codec.id.length > 0, () => 'codec.id is empty');
      },
    },
    {
      name: `${name}: spanLength is a positive integer for every latent shape, always the same`,
      run: () => {
        expectThat(latentShapes.length > 0, () => 'latentShapes is empty');
        for (const shape of latentShapes) {
          const length = modality.spanLength(shape);
          const found = () => `spanLength(${formatShape(shape)}) is ${length}`;
          expectThat(Number.isInteger(length) && length > 0, found);
          const again = modality.spanLength([...shape]);
          expectThat(again === length, () => `${found()}, and ${again} the second time`);
        }
      },
    },
    {
      name: `${name}: the codec returns finite latents of listed shapes`,
      run: async () => {
        (await encode()).forEach(({ data }, i) => {
          expectThat(
            data.every(Number.isFinite),
            () => `the latent of the example ${i} has non-finite elements`,
          );
        });
      },
    },
    {
      name: `${name}: the codec encodes a value alone as in a batch`,
      run: async () => {
        const together = await encode();
        for (const [i, value] of values.entries()) {
          const [alone] = await codec.encode([value]);
          const limit = 1e-4 * Math.max(1, maxAbs(together[i].data));
          const difference = maxAbs(alone.data.map((element, k) => element - together[i].data[k]));
          expectThat(
            difference <= limit,
            () => `alone, the latent of the example ${i} differs by ${difference}`,
          );
        }
      },
    },
    {
      name: `${name}: the codec reconstructs values`,
      run: async () => {
        const decoded = await codec.decode(await encode());
        expectThat(
          decoded.length === values.length,
          () => `codec.decode() returns ${decoded.length} values for ${values.length} latents`,
        );
        values.forEach((value, i) => {
          expectThat(modality.accepts(decoded[i]), () => `the decoded example ${i} is not accepted`);
          const apart = distance(value, decoded[i]);
          expectThat(
            apart <= tolerance,
            () =>
              `the decoded example ${i} is ${apart} away from the original, expected at most ${tolerance}`,
          );
        });
      },
    },
    ...previewChecks(modality, encode),
    ...mediaChecks(modality, values, (value, decoded, i) => {
      const apart = distance(value, decoded);
      expectThat(
        apart <= mediaTolerance,
        () =>
          `the example ${i} from its file is ${apart} away from the original, expected at most ${mediaTolerance}`,
      );
    }),
    ...rebuildChecks(modality, factory, (rebuilt) => rebuilt.codec.encode(values)),
    ...adapterChecks(modality, modelDim),
    ...noiseSchedulerChecks(modality.diffusion, { name, sample: async () => (await encode())[0] }),
  ];
}

function maxAbs(values: Float32Array): number {
  return values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
}
