/** Checks of a codec's previews. */
import { isDeepStrictEqual } from 'node:util';
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
          () => `codec.preview() returns ${values.length} values for ${latents.length} latents`,
        );
        latents.forEach((latent, i) => {
          expectThat(modality.accepts(values[i]), () => `the preview of the example ${i} is not accepted`);
          expectThat(
            isDeepStrictEqual(latent, copies[i]),
            () => `codec.preview() changes the latent of the example ${i}`,
          );
          expectThat(
            isDeepStrictEqual(preview([latent]), [values[i]]),
            () => `alone, or the second time, the preview of the example ${i} differs`,
          );
        });
      },
    },
  ];
}
