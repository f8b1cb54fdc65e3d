import { noiseSchedulerChecks } from '@transfusion/diffusion/testing';
import { checkLatent } from '../encode-document.js';
import { formatShape, type Latent } from '../latent.js';
import type { ModalityFactory } from '../modality-factory.js';
import type { ContinuousModality } from '../modality.js';
import { adapterChecks } from './adapter.js';
import { acceptsCheck, expectThat, type ConformanceCheck } from './conformance-check.js';
import { mediaChecks } from './media.js';
import { rebuildChecks } from './rebuild.js';

/** Examples for {@link continuousModalityChecks}. */
export interface ContinuousModalityExamples<Value> {
  /** Two values at least, of all latent shapes if that is possible. */
  readonly values: readonly Value[];
  /** Returns the distance of two values. */
  readonly distance: (original: Value, decoded: Value) => number;
  /** Largest distance from the original of a value that went through the codec. */
  readonly tolerance: number;
  /** Largest distance from the original of a value that was written to a file and read again; defaults to 0. */
  readonly mediaTolerance?: number;
  /** The factory that rebuilds the modality from a checkpoint, if there is one. */
  readonly factory?: ModalityFactory;
  /** More values that must be refused, besides undefined, null, a symbol and a function. */
  readonly foreignValues?: readonly unknown[];
  /** Width of the transformer that the adapter is made for; defaults to 32. */
  readonly modelDim?: number;
}

/**
 * Returns the checks that every continuous modality must pass, its codec, adapter and noise scheduler included; for
 * the tests of a plug-in. They run on the active TensorFlow.js backend.
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
      () => `codec.encode() gives ${latents.length} latents for ${values.length} values`,
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
      name: `${name}: the codec gives finite latents of listed shapes`,
      run: async () => {
        (await encode()).forEach(({ data }, i) => {
          expectThat(data.every(Number.isFinite), () => `the latent of the example ${i} is not finite`);
        });
      },
    },
    {
      name: `${name}: the codec gives the same for a value alone as among others`,
      run: async () => {
        const together = await encode();
        for (const [i, value] of values.entries()) {
          const [alone] = await codec.encode([value]);
          const limit = 1e-4 * Math.max(1, largest(together[i].data));
          const apart = largest(alone.data.map((element, k) => element - together[i].data[k]));
          expectThat(apart <= limit, () => `alone, the latent of the example ${i} differs by ${apart}`);
        }
      },
    },
    {
      name: `${name}: values come back from the codec`,
      run: async () => {
        const decoded = await codec.decode(await encode());
        expectThat(
          decoded.length === values.length,
          () => `codec.decode() gives ${decoded.length} values for ${values.length} latents`,
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
    ...mediaChecks(modality, values, (value, decoded, i) => {
      const apart = distance(value, decoded);
      expectThat(
        apart <= mediaTolerance,
        () =>
          `the example ${i} from its file is ${apart} away from the original, expected at most ${mediaTolerance}`,
      );
    }),
    ...rebuildChecks(modality, factory, (one) => one.codec.encode(values)),
    ...adapterChecks(modality, modelDim),
    ...noiseSchedulerChecks(modality.diffusion, { name, sample: async () => (await encode())[0] }),
  ];
}

function largest(values: Float32Array): number {
  return values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
}
