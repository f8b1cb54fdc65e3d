import { TransfusionError } from '@transfusion/errors';
import { isRgbImage, type RgbImage } from '@transfusion/modality-image';
import type { OnnxTensor } from '@transfusion/tfjs-backend-onnxruntime';

/** Pixels of an image in float, and how a network takes them. */
export interface PixelFormat {
  readonly width: number;
  readonly height: number;
  /** Order of the axes: channels first (PyTorch) or last (TensorFlow). */
  readonly layout: 'NCHW' | 'NHWC';
  /** Subtracted from values from 0 to 1, by channel. */
  readonly mean: readonly number[];
  /** Divides them then, by channel. */
  readonly std: readonly number[];
}

/** Normalizes resized images [height, width, 3] from 0 to 255 into one tensor. */
export function imageTensor(
  images: readonly Float32Array[],
  { width, height, layout, mean, std }: PixelFormat,
): OnnxTensor {
  const area = width * height;
  const data = new Float32Array(images.length * area * 3);
  images.forEach((pixels, index) => {
    for (let i = 0; i < pixels.length; i++) {
      const channel = i % 3;
      const at = layout === 'NHWC' ? i : channel * area + (i - channel) / 3;
      data[index * area * 3 + at] = (pixels[i] / 255 - mean[channel]) / std[channel];
    }
  });
  const shape = layout === 'NHWC' ? [images.length, height, width, 3] : [images.length, 3, height, width];
  return { dtype: 'float32', shape, data };
}

/** Checks images. @throws TransfusionError `invalid-argument` for a value that is not an image */
export function checkImages(
  where: string,
  images: readonly unknown[],
): asserts images is readonly RgbImage[] {
  const index = images.findIndex((image) => !isRgbImage(image));
  if (index < 0) return;
  throw new TransfusionError(
    'invalid-argument',
    `${where}: image ${index} is not an RgbImage, expected { width, height, data } with width · height · 3 bytes of data.`,
  );
}
