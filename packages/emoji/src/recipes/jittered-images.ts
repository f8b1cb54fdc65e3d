/**
 * Images a little turned, larger or smaller, and off their place, so that a model learns what they show, not
 * their pixels. Colors stay: artists are known by theirs.
 */
import type { DocumentSource } from '@transfusion/data';
import { isRgbImage, randomAffine } from '@transfusion/modality-image';
import { createRng } from '@transfusion/nn';

const MOVEMENT = { degrees: 9, translate: 0.07, scale: [0.8, 1.12], stretch: 0.06 } as const;

/**
 * The source with each record several times: record `i` is record `i mod length` of the source with its
 * images jittered, always in the same way. What the jitter uncovers is white.
 */
export function jitteredImages(source: DocumentSource, versions: number): DocumentSource {
  return {
    name: `${source.name}, jittered`,
    length: source.length * versions,
    locate: (index) => source.locate(index % source.length),
    ...(source.dataHash === undefined
      ? {}
      : { dataHash: async () => `${await source.dataHash!()} ${JSON.stringify(MOVEMENT)}` }),
    read: async (index, rng, options) => {
      const record = index % source.length;
      const { segments } = await source.read(record, rng, options);
      const jitter = createRng(record).fork(`version ${(index - record) / source.length}`);
      return {
        segments: segments.map((segment, i) =>
          isRgbImage(segment.value)
            ? { ...segment, value: randomAffine(segment.value, jitter.fork(i), MOVEMENT) }
            : segment,
        ),
      };
    },
  };
}
