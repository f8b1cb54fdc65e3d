/** Codecs between values and latents, as graphs. */
import type { ModelGraph, ModelGraphs } from '@transfusion/core';
import { TransfusionError } from '@transfusion/errors';
import type { ExportedShape } from './export-format.js';

/** The codecs of all latent shapes. */
export interface CodecGraphs {
  readonly graphs: readonly ModelGraph[];
  readonly shapes: readonly { readonly modality: string; readonly shape: ExportedShape }[];
}

/**
 * Returns the graphs of the codecs, for each latent shape: `value_encoder` (`values` [count, ...value shape] -> `latents`)
 * and `value_decoder`, named like the other graphs of spans.
 *
 * @throws TransfusionError `invalid-argument` for a codec without `functions`
 */
export function codecGraphs(spans: ModelGraphs['spans']): CodecGraphs {
  const graphs: ModelGraph[] = [];
  const shapes = spans.map(({ modality, latentShape, spanLength, embedder, decoder, denoiser }) => {
    const { functions } = modality.codec;
    if (functions === undefined) {
      throw new TransfusionError(
        'invalid-argument',
        `exportModel: the codec of '${modality.name}' (${modality.codec.id}) has no functions of tensors, so it cannot be ` +
          'exported. Give it `functions`.',
      );
    }
    const valueShape = functions.valueShape(latentShape);
    const suffix = denoiser.replace('latent_denoiser', '');
    const [valueEncoder, valueDecoder] = [`value_encoder${suffix}`, `value_decoder${suffix}`];
    graphs.push(
      {
        name: valueEncoder,
        inputs: { values: { shape: ['count', ...valueShape] } },
        run: ({ values }) => ({ latents: functions.encode(values) }),
      },
      {
        name: valueDecoder,
        inputs: { latents: { shape: ['count', ...latentShape] } },
        run: ({ latents }) => ({ values: functions.decode(latents) }),
      },
    );
    return {
      modality: modality.name,
      shape: {
        latent_shape: latentShape,
        span_length: spanLength,
        value_shape: valueShape,
        embedder,
        decoder,
        denoiser,
        value_encoder: valueEncoder,
        value_decoder: valueDecoder,
      },
    };
  });
  return { graphs, shapes };
}
