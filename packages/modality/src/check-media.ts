import { checkField, checkFunctions, isObject, type Fields } from './check-field.js';

/** Checks the media of a modality. */
export function checkMedia(name: unknown, media: unknown): void {
  checkField(name, isObject(media), {
    field: 'media',
    value: media,
    expected: 'an object with mediaType, extensions, decode and encode',
    remedy: 'Complete it, or leave it out.',
  });
  const fields = media as Fields;
  checkField(name, isMediaType(fields['mediaType']), {
    field: 'media.mediaType',
    value: fields['mediaType'],
    expected: "a MIME type in lower case, such as 'image/png'",
    remedy: 'Set the type of the files that media.encode() writes.',
  });
  const extensions = fields['extensions'];
  checkField(name, Array.isArray(extensions) && extensions.length > 0, {
    field: 'media.extensions',
    value: extensions,
    expected: 'at least one file extension',
    remedy: 'List those that media.decode() reads.',
  });
  for (const [i, extension] of (extensions as readonly unknown[]).entries()) {
    checkField(name, isExtension(extension), {
      field: `media.extensions[${i}]`,
      value: extension,
      expected: "one such as '.png', in lower case, with the dot",
      remedy: 'Correct it.',
    });
  }
  checkFunctions(name, 'media.', fields, ['decode', 'encode'], ['sheet']);
}

/** Returns true for a MIME type in lower case. */
export function isMediaType(value: unknown): boolean {
  return typeof value === 'string' && /^[a-z]+\/[a-z0-9][a-z0-9.+-]*$/.test(value);
}

/** Returns true for a file extension in lower case with its dot; it may have several parts. */
export function isExtension(value: unknown): boolean {
  return typeof value === 'string' && /^(\.[a-z0-9]+)+$/.test(value);
}
