/**
 * TensorBoard's event files: a sequence of TFRecords, each an `Event` message of the few fields that scalars need (tensorflow/core/util/event.proto and framework/summary.proto).
 */
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32c } from './crc32c.js';
import { writing } from './write-error.js';

/** Event file that grows. */
export interface TensorBoardLog {
  /**
   * Adds scalars at a step; wait for it before adding more.
   *
   * @throws TransfusionError `training-failed` if they cannot be written
   */
  append(step: number, scalars: Readonly<Record<string, number>>): Promise<void>;
}

/**
 * Begins an event file in the folder, for a run that has done `step` steps: TensorBoard then drops
 * later steps of the folder's earlier files, from before an interruption.
 */
export async function openTensorBoardLog(directory: string, step: number): Promise<TensorBoardLog> {
  await mkdir(directory, { recursive: true });
  const seconds = Date.now() / 1000;
  const path = join(directory, `events.out.tfevents.${Math.floor(seconds)}.${process.pid}.transfusion`);
  const write = (...fields: Uint8Array[]): Promise<void> =>
    writing(path, () =>
      appendFile(path, record(Buffer.concat([doubleField(1, Date.now() / 1000), ...fields]))),
    );
  await write(bytesField(3, Buffer.from('brain.Event:2')));
  // SessionLog { status: START } drops what was logged at its step and later.
  await write(varintField(2, step + 1), bytesField(7, varintField(1, 1)));
  return {
    append: async (at, scalars) => {
      const values = Object.entries(scalars).map(([tag, value]) =>
        bytesField(1, Buffer.concat([bytesField(1, Buffer.from(tag)), floatField(2, value)])),
      );
      await write(varintField(2, at), bytesField(5, Buffer.concat(values)));
    },
  };
}

/** Encodes a TFRecord: length, checksum of the length, data, checksum of the data. */
function record(data: Uint8Array): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return Buffer.concat([length, maskedChecksum(length), data, maskedChecksum(data)]);
}

function maskedChecksum(data: Uint8Array): Buffer {
  const checksum = crc32c(data);
  const rotated = ((checksum >>> 15) | (checksum << 17)) >>> 0;
  const out = Buffer.alloc(4);
  out.writeUInt32LE((rotated + 0xa282ead8) >>> 0);
  return out;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

const varintField = (field: number, value: number): Buffer =>
  Buffer.concat([varint(field * 8), varint(value)]);

function bytesField(field: number, data: Uint8Array): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(data.length), data]);
}

function doubleField(field: number, value: number): Buffer {
  const out = Buffer.alloc(9, field * 8 + 1);
  out.writeDoubleLE(value, 1);
  return out;
}

function floatField(field: number, value: number): Buffer {
  const out = Buffer.alloc(5, field * 8 + 5);
  out.writeFloatLE(value, 1);
  return out;
}
