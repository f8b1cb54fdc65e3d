import { noiseSchedulerChecks } from '@transfusion/diffusion/testing';
import { decodeLatents } from '../decode-values.js';
import { encodeLatents } from '../encode-values.js';
import { describeValue } from '../describe-value.js';
import { formatShape, type Latent } from '../latent.js';
import type { ModalityFactory } from '../modality-factory.js';
import type { ContinuousModality } from '../modality.js';
import { adapterChecks } from './adapter.js';
import { acceptsCheck, checksOfFields, expectThat, type ConformanceCheck } from './conformance-check.js';
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
  examples: ContinuousModalityExamples<Value>,
): readonly ConformanceCheck[] {
  return checksOfFields(modality, () => checksOfParts(modality, examples));
}

function checksOfParts<Value>(
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
  const { name, latentShapes } = modality;
  const places = values.map((_, i) => `example ${i}`);
  const encode = (): Promise<readonly Latent[]> =>
    encodeLatents(modality as ContinuousModality, values, places);
  return [
    acceptsCheck(modality, values, foreignValues),
    {
      name: `${name}: spanLength is always the same`,
      run: () => {
        for (const shape of latentShapes) {
          const lengths = [modality.spanLength(shape), modality.spanLength([...shape])];
          expectThat(
            lengths[0] === lengths[1],
            () =>
              `spanLength(${formatShape(shape)}) returned ${lengths[0]}, and then ${lengths[1]}, expected the same`,
          );
        }
      },
    },
    {
      name: `${name}: the codec returns finite latents of listed shapes`,
      run: async () => void (await encode()),
    },
    {
      name: `${name}: the codec encodes a value alone as in a batch`,
      run: async () => {
        const together = await encode();
        for (const [i, value] of values.entries()) {
          const [alone] = await encodeLatents(modality as ContinuousModality, [value], [places[i]]);
          const limit = 1e-4 * Math.max(1, maxAbs(together[i].data));
          const difference = maxAbs(alone.data.map((element, k) => element - together[i].data[k]));
          expectThat(
            difference <= limit,
            () =>
              `codec.encode() returned for the example ${i} alone a latent that differs by ${difference} from the one ` +
              `in a batch, expected at most ${limit}`,
          );
        }
      },
    },
    {
      name: `${name}: the codec reconstructs values`,
      run: async () => {
        const decoded = await decodeLatents(modality as ContinuousModality, await encode(), places);
        values.forEach((value, i) => {
          const found = decoded[i];
          expectThat(
            modality.accepts(found),
            () =>
              `codec.decode() returned for the example ${i} ${describeValue(found)}, expected a value that accepts() accepts`,
          );
          const apart = distance(value, found);
          expectThat(
            apart <= tolerance,
            () =>
              `codec.decode() returned for the example ${i} a value ${apart} away from the original, expected at most ${tolerance}`,
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
          `media.decode() returned for the example ${i} a value ${apart} away from the original, expected at most ${mediaTolerance}`,
      );
    }),
    ...rebuildChecks(modality, factory, (rebuilt) => rebuilt.codec.encode(values)),
    ...adapterChecks(modality as ContinuousModality, modelDim),
    ...noiseSchedulerChecks(modality.diffusion, { name, sample: async () => (await encode())[0] }),
  ];
}

function maxAbs(values: Float32Array): number {
  return values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
}
