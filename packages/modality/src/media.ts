/** Files that hold the values of a modality, one each: an image in a PNG, a text in a .txt. */
export interface Media<Value = unknown> {
  /** MIME type of what `encode` writes, such as `image/png`. */
  readonly mediaType: string;
  /** Endings of the files that `decode` reads, lower case with the dot; the first is that of what `encode` writes. */
  readonly extensions: readonly string[];
  /** Rejects for bytes that are no whole file of these. */
  decode(bytes: Uint8Array): Promise<Value>;
  encode(value: Value): Promise<Uint8Array>;
  /** One file that shows many values at a glance, such as a grid of images. */
  sheet?(values: readonly Value[]): Promise<MediaSheet>;
}

/** A file that shows many values. */
export interface MediaSheet {
  readonly mediaType: string;
  /** Lower case with the dot. */
  readonly extension: string;
  readonly bytes: Uint8Array;
}
