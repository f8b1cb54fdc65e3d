/** Reads the files of an exported folder. */
export interface FolderReader {
  /** Folder in messages, such as its URL. */
  readonly where: string;
  /**
   * Returns a file's bytes.
   *
   * @param path in the folder, such as `onnx/embed_tokens.onnx`
   * @param onBytes called as bytes arrive, with their number so far
   * @throws TransfusionError `not-found` if there is no such file, or it cannot be read
   */
  read(path: string, options?: ReadOptions): Promise<Uint8Array>;
}

/** Options of {@link FolderReader.read}. */
export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** Called as bytes arrive; `total` is undefined if the server does not say. */
  readonly onBytes?: (loaded: number, total: number | undefined) => void;
}
