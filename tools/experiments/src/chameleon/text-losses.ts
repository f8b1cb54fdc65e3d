/** Losses of captions alone and after their images; only text tokens count, so models with other image tokens compare. */
import { assembleBatch, layoutDocument, type Transfusion, type TransfusionParams } from '@transfusion/core';
import { meanMetric, type Metric } from '@transfusion/evaluators';
import { encodeDocument, sizeOf, type Document } from '@transfusion/modality';
import * as tf from '@transfusion/tfjs';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import type { LabeledImage } from '../emoji-set.js';

/** Longer than an image of 8 × 8 tokens and any caption. */
const ROW_LENGTH = 128;

/**
 * Computes the losses of the captions in nats per text token, `text loss` alone and `caption loss` after the image, which is
 * clean. A sample is a caption.
 */
export async function textLosses(
  model: Transfusion,
  params: TransfusionParams,
  images: readonly LabeledImage[],
): Promise<Metric[]> {
  const lossOf = jit((weights: TransfusionParams, batch: ReturnType<typeof model.batchTensors>) => {
    return model.loss(weights, batch).aux['tokens'];
  });
  const measure = async (name: string, documentOf: (image: LabeledImage) => Document): Promise<Metric> => {
    const nats: number[] = [];
    let numTokens = 0;
    for (const image of images) {
      const batch = await textBatch(model, documentOf(image));
      const tensors = model.batchTensors(batch);
      const sum = lossOf(params, tensors);
      nats.push((await sum.data())[0]);
      numTokens += batch.tokenWeights.reduce((total, weight) => total + weight, 0);
      tf.dispose([tensors, sum] as tf.TensorContainer);
    }
    // In units of the mean caption, so that the mean is that of tokens.
    const perCaption = numTokens / images.length;
    return meanMetric(
      name,
      nats.map((sum) => sum / perCaption),
      { unit: 'nats', betterIs: 'lower' },
    );
  };
  const textOf = ({ caption }: LabeledImage) => ({ modality: 'text', value: caption });
  const metrics = [
    await measure('text loss', (image) => ({ segments: [textOf(image)] })),
    await measure('caption loss', (image) => ({
      segments: [{ modality: 'image', value: image.image }, textOf(image)],
    })),
  ];
  lossOf.dispose();
  return metrics;
}

/** Returns a batch of one document, in which only text is trained on and images have no noise. */
async function textBatch({ modalities, vocabulary }: Transfusion, document: Document) {
  const layout = layoutDocument(modalities, vocabulary, await encodeDocument(modalities, document));
  const noiseSamples = layout.spans.map(({ latentShape }) => ({
    timestep: 0,
    noise: new Float32Array(sizeOf(latentShape)),
    weight: 0,
  }));
  const spanCapacity = Object.fromEntries(
    layout.spans.map(({ modality, latentShape }) => [`${modality}:${latentShape.join('x')}`, 1]),
  );
  const shape = { numRows: 1, rowLength: ROW_LENGTH, spanCapacity };
  const batch = assembleBatch(modalities, vocabulary, shape, [[{ layout, noiseSamples }]]);
  const { start, size } = vocabulary.tokensOf('text');
  const isText = (id: number): boolean => id >= start && id < start + size;
  const tokenWeights = batch.tokenWeights.map((weight, i) => (isText(batch.targets[i]) ? weight : 0));
  return { ...batch, tokenWeights };
}
