import type { Random } from './random.js';

/** A format of files. */
export interface Format {
  readonly name: string;
  /** Makes a damaged file. */
  make(random: Random): Promise<Buffer> | Buffer;
  /**
   * Reads all of a file. Returns the errors of its records; errors of the whole file are thrown.
   *
   * @param path where it has been written
   */
  read(path: string, bytes: Buffer): Promise<readonly unknown[]>;
  /** End of the file's name. */
  readonly extension: string;
}
