/** A file of weights beside the models that use them: ONNX external data. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import type { ExternalData } from '../graph/model-proto.js';

/** A file that holds each weight of one or several models once; made by {@link createWeightsFile}. */
export interface WeightsFile {
  readonly path: string;
  /**
   * Appends the elements of a weight, unless the file has the same bytes already.
   *
   * @returns where they are in the file
   * @throws TransfusionError `disposed` after `close`
   */
  add(data: ArrayBufferView): ExternalData;
  /** Ends the file; call it after the last model was exported. */
  close(): void;
}

/** Alignment in bytes: of vector instructions, and for a large tensor of pages, so that it can be mapped into memory. */
const ALIGNMENT = 64;
const PAGE = 4096;

/** Number of bytes from which a tensor is large. */
const LARGE = 2 ** 20;

/** Largest write of one call: Node has a limit of 2 GiB. */
const MAX_WRITE = 2 ** 30;

/**
 * Creates a file for the weights of several models, for the option `externalData` of `exportOnnx`. Weights that models
 * share, found by content, are written once. The models must be in the same folder.
 */
export function createWeightsFile(path: string): WeightsFile {
  const location = basename(path);
  const written = new Map<string, ExternalData>();
  let file: number | undefined = openSync(path, 'w');
  let end = 0;
  const append = (target: number, bytes: Uint8Array): void => {
    for (let done = 0; done < bytes.length;) {
      const count = Math.min(bytes.length - done, MAX_WRITE);
      done += writeSync(target, bytes, done, count, end + done);
    }
    end += bytes.length;
  };
  return {
    path,
    add: (data) => {
      if (file === undefined) {
        throw new TransfusionError(
          'disposed',
          `${path}: add after close. Close the file after the last export.`,
        );
      }
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      const key = `${bytes.length} ${createHash('sha256').update(bytes).digest('base64')}`;
      let place = written.get(key);
      if (place === undefined) {
        const alignment = bytes.length < LARGE ? ALIGNMENT : PAGE;
        append(file, new Uint8Array(-end & (alignment - 1)));
        place = { location, offset: end, length: bytes.length };
        append(file, bytes);
        written.set(key, place);
      }
      return place;
    },
    close: () => {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}
