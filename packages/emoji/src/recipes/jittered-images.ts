/**
 * Image augmentation by small random rotations, scalings and translations, so that a model does not memorize pixels.
 * Colors are not changed: they identify the style.
 */
import type { DocumentSource } from '@transfusion/data';
import { isRgbImage, randomAffine } from '@transfusion/modality-image';
import { createRng } from '@transfusion/nn';

const JITTER = { degrees: 9, translate: 0.07, scale: [0.8, 1.12], stretch: 0.06 } as const;

/**
 * Repeats a source with jittered images: record `i` is record `i mod length` of the source, always jittered the same way.
 * Uncovered pixels are white.
 */
export function jitteredImages(source: DocumentSource, versions: number): DocumentSource {
  return {
    name: `${source.name}, jittered`,
    length: source.length * versions,
    locate: (index) => source.locate(index % source.length),
    ...(source.dataHash === undefined
      ? {}
      : { dataHash: async () => `${await source.dataHash!()} ${JSON.stringify(JITTER)}` }),
    read: async (index, rng, options) => {
      const record = index % source.length;
      const { segments } = await source.read(record, rng, options);
      const jitter = createRng(record).fork(`version ${(index - record) / source.length}`);
      return {
        segments: segments.map((segment, i) =>
          isRgbImage(segment.value)
            ? { ...segment, value: randomAffine(segment.value, jitter.fork(i), JITTER) }
            : segment,
        ),
      };
    },
  };
}
