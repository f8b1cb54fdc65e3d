/** Checks of a codec's previews. */
import { isDeepStrictEqual } from 'node:util';
import { describeValue } from '../describe-value.js';
import type { Latent } from '../latent.js';
import type { ContinuousModality } from '../modality.js';
import { expectThat, type ConformanceCheck } from './conformance-check.js';

/** Returns the checks of the codec's `preview`, on the latents of the examples; none without it. */
export function previewChecks<Value>(
  modality: ContinuousModality<string, Value>,
  encode: () => Promise<readonly Latent[]>,
): readonly ConformanceCheck[] {
  const { name, codec } = modality;
  if (codec.preview === undefined) return [];
  const preview = codec.preview.bind(codec);
  return [
    {
      name: `${name}: the codec previews a latent as a value, alone as in a batch, and leaves it as it is`,
      run: async () => {
        const latents = await encode();
        const copies = structuredClone(latents);
        const values = preview(latents);
        expectThat(
          values.length === latents.length,
          () =>
            `codec.preview() returned ${values.length} values for ${latents.length} latents, expected one each`,
        );
        latents.forEach((latent, i) => {
          expectThat(
            modality.accepts(values[i]),
            () =>
              `codec.preview() returned ${describeValue(values[i])} for the example ${i}, expected a value that accepts() accepts`,
          );
          expectThat(
            isDeepStrictEqual(latent, copies[i]),
            () => `codec.preview() changed the latent of the example ${i}, expected it to stay as it is`,
          );
          expectThat(
            isDeepStrictEqual(preview([latent]), [values[i]]),
            () =>
              `codec.preview() returned a different value for the example ${i} alone, or the second time, expected the same`,
          );
        });
      },
    },
  ];
}
