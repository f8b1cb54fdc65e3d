/** Codecs between values and latents, computed by the exported graphs. */
import { TransfusionError } from '@transfusion/errors';
import type { ExportedShape, ExportedSpans } from '@transfusion/export/export-format';
import { sameShape, sizeOf, type Latent, type LatentCodec, type Shape } from '@transfusion/modality';
import type { Graphs } from './graphs.js';
import { bytesOf, isPixelImage, pixelsOf, resizeOnCanvas, type PixelImage } from './image/rgb-values.js';

/** A value of a continuous modality: of an image its bytes, [height, width, 3]. */
export interface ArrayValue {
  readonly shape: Shape;
  readonly data: Uint8Array | Float32Array;
}

/** A value that a prompt may have. */
export type InputValue = PixelImage | ArrayValue;

/** Returns true if values are images: then bytes stand for numbers from -1 to 1. */
export function areImages({ media_type: type, shapes }: ExportedSpans): boolean {
  return (
    type?.startsWith('image/') === true && shapes.every(({ value_shape: s }) => s.length === 3 && s[2] === 3)
  );
}

/** Returns whether a value can be encoded. */
export function isInputValue(modality: ExportedSpans, value: unknown): value is InputValue {
  if (isPixelImage(value)) return areImages(modality);
  const { shape, data } = Object(value) as Partial<ArrayValue>;
  if (!Array.isArray(shape) || !(data instanceof Uint8Array || data instanceof Float32Array)) return false;
  return data instanceof Uint8Array === areImages(modality) && data.length === sizeOf(shape);
}

/** Creates the codec of a modality. Its previews are promises, since they run the decoder. */
export function graphCodec(graphs: Graphs, modality: ExportedSpans): LatentCodec<unknown> {
  const images = areImages(modality);
  const encode = async (value: unknown): Promise<Latent> => {
    const input = value as InputValue;
    const shape = nearestShape(
      modality.shapes,
      'shape' in input ? input.shape : [input.height, input.width, 3],
    );
    const values = images
      ? pixelsOf(await sized(input, shape))
      : exact(input as ArrayValue, shape, modality.name);
    const outputs = await graphs.run(shape.value_encoder, {
      values: { dims: [1, ...shape.value_shape], data: values },
    });
    return { shape: shape.latent_shape, data: outputs['latents'] };
  };
  const decode = async ({ shape: latentShape, data }: Latent): Promise<ArrayValue> => {
    const { value_decoder: name, value_shape: shape } = modality.shapes.find(({ latent_shape: own }) =>
      sameShape(own, latentShape),
    )!;
    const { values } = await graphs.run(name, { latents: { dims: [1, ...latentShape], data } });
    return { shape, data: images ? bytesOf(values) : values };
  };
  return {
    id: 'exported',
    encode: (values) => Promise.all(values.map(encode)),
    decode: (latents) => Promise.all(latents.map(decode)),
    preview: (latents) => latents.map(decode),
  };
}

function sized(value: InputValue, { value_shape: [height, width] }: ExportedShape): Promise<PixelImage> {
  if (!('shape' in value)) return resizeOnCanvas(value, width, height);
  const { shape, data } = value;
  return resizeOnCanvas({ width: shape[1], height: shape[0], data: data as Uint8Array }, width, height);
}

function exact(
  { shape, data }: ArrayValue,
  { value_shape: expected }: ExportedShape,
  name: string,
): Float32Array {
  if (sameShape(shape, expected)) return data as Float32Array;
  throw new TransfusionError(
    'invalid-record',
    `web: a value of '${name}' has the shape [${shape.join(', ')}], expected [${expected.join(', ')}]. Resize it.`,
  );
}

/** Returns the shape with the nearest aspect ratio, and of those the nearest size, as `pixelCodec` does. */
function nearestShape(shapes: readonly ExportedShape[], [height, width]: Shape): ExportedShape {
  const aspect = ({ value_shape: [h, w] }: ExportedShape): number =>
    Math.abs(Math.log(w / h) - Math.log(width / height));
  const size = ({ value_shape: [h, w] }: ExportedShape): number =>
    Math.abs(Math.log(w * h) - Math.log(width * height));
  return shapes.reduce((best, shape) =>
    (aspect(shape) - aspect(best) || size(shape) - size(best)) < 0 ? shape : best,
  );
}
