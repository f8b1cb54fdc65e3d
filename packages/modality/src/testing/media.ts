/** Checks of {@link Media}. */
import type { Media } from '../media.js';
import { expectThat, type ConformanceCheck } from './conformance-check.js';

const MEDIA_TYPE = /^[a-z]+\/[a-z0-9][a-z0-9.+-]*$/;
const EXTENSION = /^(\.[a-z0-9]+)+$/;

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
      name: `${name}: media has a MIME type and extensions in lower case with a dot`,
      run: () => {
        expectMediaType('media.mediaType', media.mediaType);
        expectThat(media.extensions.length > 0, () => 'media.extensions is empty');
        for (const extension of media.extensions) expectExtension('media.extensions has', extension);
      },
    },
    {
      name: `${name}: values are read back from their files`,
      run: async () => {
        for (const [i, value] of values.entries()) {
          const bytes = await media.encode(value);
          expectThat(
            bytes instanceof Uint8Array,
            () => `media.encode() of the example ${i} does not return bytes`,
          );
          const decoded = await media.decode(bytes);
          expectThat(modality.accepts(decoded), () => `the example ${i} from its file is not accepted`);
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
        expectMediaType('the sheet’s mediaType', mediaType);
        expectExtension('the sheet’s extension is', extension);
        expectThat(
          bytes instanceof Uint8Array && bytes.length > 0,
          () => `the sheet of ${shown.length} values is empty`,
        );
      }
    },
  };
}

function expectMediaType(subject: string, mediaType: string): void {
  expectThat(
    MEDIA_TYPE.test(mediaType),
    () => `${subject} is '${mediaType}', expected one such as 'image/png', in lower case`,
  );
}

function expectExtension(subject: string, extension: string): void {
  expectThat(
    EXTENSION.test(extension),
    () => `${subject} '${extension}', expected one such as '.png', in lower case, with the dot`,
  );
}
