/**
 * Writes TensorBoard event files: a sequence of TFRecords, each an `Event` message with the few fields that
 * scalars need (tensorflow/core/util/event.proto and tensorflow/core/framework/summary.proto).
 */
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32c } from './crc32c.js';
import { withWriteErrors } from './with-write-errors.js';

/** An append-only event file. */
export interface TensorBoardLog {
  /**
   * Adds scalars at a step; await it before the next call.
   *
   * @throws TransfusionError `training-failed` if they cannot be written
   */
  append(step: number, scalars: Readonly<Record<string, number>>): Promise<void>;
}

// Field numbers of the messages.
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 };
const SUMMARY = { value: 1 };
const VALUE = { tag: 1, simpleValue: 2 };
const SESSION_LOG = { status: 1 };

/** `SessionLog.SessionStatus.START`. */
const START = 1;

/** Protocol buffer wire types. */
const WIRE_TYPE = { varint: 0, fixed64: 1, lengthDelimited: 2, fixed32: 5 };

/**
 * Starts an event file for a run that has completed `stepsDone` steps. TensorBoard then discards later steps
 * that an interrupted run had logged.
 *
 * @throws TransfusionError `training-failed` if it cannot be written
 */
export async function openTensorBoardLog(directory: string, stepsDone: number): Promise<TensorBoardLog> {
  const seconds = Math.floor(Date.now() / 1000);
  const path = join(directory, `events.out.tfevents.${seconds}.${process.pid}.transfusion`);
  const write = (...fields: Uint8Array[]): Promise<void> => {
    const event = Buffer.concat([doubleField(EVENT.wallTime, Date.now() / 1000), ...fields]);
    return withWriteErrors(path, () => appendFile(path, encodeRecord(event)));
  };
  await withWriteErrors(path, () => mkdir(directory, { recursive: true }));
  await write(bytesField(EVENT.fileVersion, Buffer.from('brain.Event:2')));
  // A session log with START discards everything logged at its step or later.
  await write(
    varintField(EVENT.step, stepsDone + 1),
    bytesField(EVENT.sessionLog, varintField(SESSION_LOG.status, START)),
  );
  return {
    append: (step, scalars) => {
      const values = Object.entries(scalars).map(([tag, value]) =>
        bytesField(SUMMARY.value, encodeValue(tag, value)),
      );
      return write(varintField(EVENT.step, step), bytesField(EVENT.summary, Buffer.concat(values)));
    },
  };
}

function encodeValue(tag: string, value: number): Buffer {
  return Buffer.concat([bytesField(VALUE.tag, Buffer.from(tag)), floatField(VALUE.simpleValue, value)]);
}

/** Encodes a TFRecord: length, checksum of the length, data, checksum of the data. */
function encodeRecord(data: Uint8Array): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return Buffer.concat([length, maskedChecksum(length), data, maskedChecksum(data)]);
}

/** Computes TFRecord's masked CRC: rotated right by 15, plus a constant. */
function maskedChecksum(data: Uint8Array): Buffer {
  const checksum = crc32c(data);
  const rotated = ((checksum >>> 15) | (checksum << 17)) >>> 0;
  const out = Buffer.alloc(4);
  out.writeUInt32LE((rotated + 0xa282ead8) >>> 0);
  return out;
}

function encodeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let remaining = value;
  while (remaining >= 128) {
    bytes.push((remaining % 128) + 128);
    remaining = Math.floor(remaining / 128);
  }
  return Buffer.from([...bytes, remaining]);
}

/** Returns the number that precedes a field's value: its field number and wire type. */
function fieldKey(field: number, wireType: number): number {
  return field * 8 + wireType;
}

function varintField(field: number, value: number): Buffer {
  return Buffer.concat([encodeVarint(fieldKey(field, WIRE_TYPE.varint)), encodeVarint(value)]);
}

function bytesField(field: number, data: Uint8Array): Buffer {
  const key = encodeVarint(fieldKey(field, WIRE_TYPE.lengthDelimited));
  return Buffer.concat([key, encodeVarint(data.length), data]);
}

function doubleField(field: number, value: number): Buffer {
  const out = Buffer.alloc(9);
  out[0] = fieldKey(field, WIRE_TYPE.fixed64);
  out.writeDoubleLE(value, 1);
  return out;
}

function floatField(field: number, value: number): Buffer {
  const out = Buffer.alloc(5);
  out[0] = fieldKey(field, WIRE_TYPE.fixed32);
  out.writeFloatLE(value, 1);
  return out;
}
