/** Checks of {@link Media}. */
import { isExtension, isMediaType } from '../check-media.js';
import { describeValue } from '../describe-value.js';
import type { Media } from '../media.js';
import { expectThat, type ConformanceCheck } from './conformance-check.js';

/**
 * Returns the checks of a modality's media; none without media.
 *
 * @param expectEqual throws if a value that was read from its file is not close enough to the original
 */
export function mediaChecks<Value>(
  modality: { readonly name: string; readonly media?: Media<Value>; accepts(value: unknown): boolean },
  values: readonly Value[],
  expectEqual: (original: Value, decoded: Value, i: number) => void,
): readonly ConformanceCheck[] {
  const { name, media } = modality;
  if (media === undefined) return [];
  return [
    {
      name: `${name}: values are read back from their files`,
      run: async () => {
        for (const [i, value] of values.entries()) {
          const bytes = await media.encode(value);
          expectThat(
            bytes instanceof Uint8Array,
            () =>
              `media.encode() returned ${describeValue(bytes)} for the example ${i}, expected a Uint8Array`,
          );
          const decoded = await media.decode(bytes);
          expectThat(
            modality.accepts(decoded),
            () =>
              `media.decode() returned ${describeValue(decoded)} for the file of the example ${i}, expected a value that ` +
              'accepts() accepts',
          );
          expectEqual(value, decoded, i);
        }
      },
    },
    ...(media.sheet === undefined ? [] : [sheetCheck(name, media.sheet.bind(media), values)]),
  ];
}

function sheetCheck<Value>(
  name: string,
  sheet: Required<Media<Value>>['sheet'],
  values: readonly Value[],
): ConformanceCheck {
  return {
    name: `${name}: a sheet of values is a file`,
    run: async () => {
      for (const shown of [values, values.slice(0, 1)]) {
        const { mediaType, extension, bytes } = await sheet(shown);
        const where = `media.sheet() of ${shown.length} values returned`;
        expectThat(
          isMediaType(mediaType),
          () => `${where} the mediaType '${mediaType}', expected one such as 'image/png', in lower case`,
        );
        expectThat(
          isExtension(extension),
          () =>
            `${where} the extension '${extension}', expected one such as '.png', in lower case, with the dot`,
        );
        expectThat(
          bytes instanceof Uint8Array && bytes.length > 0,
          () => `${where} no bytes, expected those of a file`,
        );
      }
    },
  };
}
