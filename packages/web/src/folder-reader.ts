import type { ExportedFile } from '@transfusion/export/export-format';

/** Reads the files of an exported folder. */
export interface FolderReader {
  /** Folder in messages, such as its URL. */
  readonly where: string;
  /**
   * Returns a file's bytes.
   *
   * @param path in the folder, such as `onnx/embed_tokens.onnx`
   * @throws TransfusionError `not-found` if there is no such file, or it cannot be read
   */
  read(path: string, options?: ReadOptions): Promise<Uint8Array>;
}

/** Options of {@link FolderReader.read}. */
export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** Called as bytes arrive, with their number so far. */
  readonly onBytes?: (loaded: number) => void;
  /** Size and SHA-256 that the file must have: one that was kept is returned if it has them. Without, the newest file is. */
  readonly expected?: ExportedFile;
}
