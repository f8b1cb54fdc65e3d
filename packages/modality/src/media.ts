/** Reads and writes files with one value of a modality each: a PNG with an image, a .txt with a text. */
export interface Media<Value = unknown> {
  /** MIME type of what `encode` writes, such as `image/png`. */
  readonly mediaType: string;
  /** Extensions that `decode` reads, in lower case with the dot; `encode` writes the first. */
  readonly extensions: readonly string[];
  /** Decodes the bytes of a file; rejects if they are not a complete file of these types. */
  decode(bytes: Uint8Array): Promise<Value>;
  /** Encodes a value to the bytes of a file. */
  encode(value: Value): Promise<Uint8Array>;
  /** Combines several values in one file, such as a grid of images. */
  sheet?(values: readonly Value[]): Promise<MediaSheet>;
}

/** A file with several values. */
export interface MediaSheet {
  readonly mediaType: string;
  /** In lower case, with the dot. */
  readonly extension: string;
  readonly bytes: Uint8Array;
}
