import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TransfusionError } from '@transfusion/errors';
import { goldenPath } from '../testing-internals/golden.js';
import { readSafetensors } from './read-safetensors.js';

let path: string;
beforeAll(async () => void (path = join(await mkdtemp(join(tmpdir(), 'malformed-')), 'x.safetensors')));
afterAll(() => rm(join(path, '..'), { recursive: true }));

function fileOf(json: string, dataBytes: number, length = Buffer.byteLength(json)): Buffer {
  const bytes = Buffer.alloc(8 + Buffer.byteLength(json) + dataBytes);
  bytes.writeBigUInt64LE(BigInt(length));
  bytes.write(json, 8);
  return bytes;
}

/** Opens and reads everything; gives the sizes found, or the error's message. */
async function outcomeOf(bytes: Uint8Array): Promise<string> {
  await writeFile(path, bytes);
  let file;
  try {
    file = await readSafetensors(path);
    for (const [name, info] of file.tensors) {
      const { shape, dtype, data } = await file.read(name);
      expect({ shape, dtype }).toEqual({ shape: info.shape, dtype: info.dtype });
      expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
    }
    return 'valid';
  } catch (error) {
    if (!(error instanceof TransfusionError)) throw error;
    expect(error.code).toBe('invalid-file');
    return error.message;
  } finally {
    await file?.close();
  }
}

const entry = (dtype: unknown, shape: unknown, offsets: unknown): string =>
  JSON.stringify({ dtype, shape, data_offsets: offsets });
const f32 = (begin: number, end: number): string => entry('F32', [(end - begin) / 4], [begin, end]);

describe('a malformed file is refused, with the byte and the reason', () => {
  it.each<[string, Buffer, string]>([
    ['empty', Buffer.alloc(0), 'at byte 0: the file ends inside the header'],
    ['too short', Buffer.alloc(5), 'at byte 5: the file ends inside the header'],
    [
      'header beyond the file',
      fileOf('{}', 0, 3),
      "at byte 0: the header's length is 3, but the file has 10 bytes",
    ],
    [
      'absurd header',
      fileOf('{}', 0, 2 ** 52),
      "at byte 0: the header's length is 4503599627370496, expected at most",
    ],
    ['no header', fileOf('', 0), 'at byte 8: the header does not start with {'],
    ['a header that is a list', fileOf('[]', 0), 'at byte 8: the header does not start with {'],
    ['bad JSON', fileOf('{"a":}', 0), 'at byte 8: the header is not valid JSON (Unexpected token'],
    ['two values', fileOf('{}{}', 0), 'at byte 8: the header is not valid JSON'],
    [
      'bad UTF-8',
      Buffer.concat([fileOf('{"', 0, 5), Buffer.from([0xff, 0x22, 0x7d])]),
      'at byte 8: the header is not valid JSON',
    ],
    ['a tensor that is none', fileOf('{"a":1}', 0), "at byte 9: 'a' is not an object"],
    ['null for a tensor', fileOf('{"a":null}', 0), "at byte 9: 'a' is not an object"],
    [
      'unknown dtype',
      fileOf(`{"é":${f32(0, 4)},"b":${entry('f12', [1], [4, 8])}}`, 8),
      `at byte 63: 'b' has dtype "f12", expected one of I64, F32`,
    ],
    ['a dtype every object has', fileOf(`{"a":${entry('toString', [], [0, 0])}}`, 0), `has dtype "toString"`],
    ['no shape', fileOf(`{"a":${entry('F32', undefined, [0, 4])}}`, 4), "'a' has shape undefined"],
    ['a negative length', fileOf(`{"a":${entry('F32', [-1, -1], [0, 4])}}`, 4), "'a' has shape [-1,-1]"],
    [
      'a fraction',
      fileOf(`{"a":${entry('F32', [0.5], [0, 2])}}`, 2),
      "'a' has shape [0.5], expected non-negative integers",
    ],
    [
      'an absurd shape',
      fileOf(`{"a":${entry('F32', [2 ** 52, 2 ** 52], [0, 4])}}`, 4),
      "'a' takes 4 bytes, but F32",
    ],
    [
      'offsets backwards',
      fileOf(`{"a":${entry('F32', [1], [4, 0])}}`, 4),
      "'a' has data_offsets [4,0], expected [begin, end]",
    ],
    ['three offsets', fileOf(`{"a":${entry('F32', [1], [0, 4, 8])}}`, 4), "'a' has data_offsets [0,4,8]"],
    [
      'offsets that fit no shape',
      fileOf(`{"a":${entry('F32', [3], [0, 8])}}`, 8),
      "'a' takes 8 bytes, but F32 [3] takes 12",
    ],
    ['an overlap', fileOf(`{"a":${f32(0, 8)},"b":${f32(4, 12)}}`, 12), "'a' and 'b' overlap: "],
    ['one inside another', fileOf(`{"a":${f32(0, 12)},"b":${f32(4, 8)}}`, 12), "'a' and 'b' overlap: "],
    ['a gap', fileOf(`{"a":${f32(0, 4)},"b":${f32(8, 12)}}`, 12), "'a' and 'b' leave a gap: "],
    ['a gap at the start', fileOf(`{"a":${f32(4, 8)}}`, 8), "'the header' and 'a' leave a gap: "],
    ['tensors beyond the end', fileOf(`{"a":${f32(0, 8)}}`, 4), 'the file ends here, but its tensors end at'],
    [
      'bytes after the tensors',
      fileOf(`{"a":${f32(0, 4)}}`, 5),
      'the file ends here, but its tensors end at',
    ],
    ['a name twice', fileOf(`{"a":${f32(0, 4)},"a":${f32(0, 4)}}`, 4), "the name 'a' occurs twice"],
    [
      'a name twice, once escaped',
      fileOf(`{"a":${f32(0, 4)},"\\u0061":${f32(0, 4)}}`, 4),
      "the name 'a' occurs twice",
    ],
    [
      'a field twice',
      fileOf('{"a":{"dtype":"F32","dtype" :"I32","shape":[0],"data_offsets":[0,0]}}', 0),
      "at byte 28: the name 'dtype' occurs twice",
    ],
    [
      'metadata of numbers',
      fileOf('{"__metadata__":{"a":1}}', 0),
      "at byte 9: '__metadata__' is not an object of strings",
    ],
    [
      'metadata that is a list',
      fileOf('{"__metadata__":["a"]}', 0),
      "'__metadata__' is not an object of strings",
    ],
    [
      'a bool of 2',
      Buffer.concat([fileOf(`{"a":${entry('BOOL', [2], [0, 2])}}`, 0), Buffer.from([1, 2])]),
      `at byte 64: 'a': 2 is not a boolean`,
    ],
  ])('%s', async (_case, bytes, message) => {
    expect(await outcomeOf(bytes)).toContain(message);
  });
});

describe('a sound file with a tensor that cannot be held', () => {
  /** Reads `w`, F32 [2], and then `x`, of the type. */
  async function readBoth(dtype: string, elements: number, bytes: number): Promise<Promise<unknown>> {
    const json = `{"w":${f32(0, 8)},"x":${entry(dtype, [elements], [8, 8 + bytes])}}`;
    await writeFile(path, Buffer.concat([fileOf(json, 8), Buffer.alloc(bytes, 0xff)]));
    const file = await readSafetensors(path);
    expect((await file.read('w')).data).toEqual(Float32Array.of(0, 0));
    expect(file.tensors.get('x')).toMatchObject({ shape: [elements], dtype: undefined, storedAs: dtype });
    return file.read('x').finally(() => file.close());
  }

  it.each([
    ['F8_E4M3', 3],
    ['F8_E5M2', 3],
    ['F8_E8M0', 3],
    ['F8_E4M3FNUZ', 3],
    ['F8_E5M2FNUZ', 3],
    ['I8', 3],
    ['I16', 6],
    ['U16', 6],
    ['U32', 12],
    ['U64', 24],
    ['F64', 24],
    ['C64', 24],
    ['F99_OF_LATER', 7],
  ])('%s', async (dtype, bytes) => {
    await expect(readBoth(dtype, 3, bytes)).rejects.toMatchObject({
      code: 'invalid-file',
      message: `${path}: 'x' is stored as ${dtype}, expected one of I64, F32, I32, BF16, F16, U8, BOOL: convert it to read it. The other tensors of the file can be read.`,
    });
  });

  it.each([
    ['F4', 4, 2],
    ['F6_E2M3', 4, 3],
    ['F6_E3M2', 4, 3],
  ])('%s, of parts of bytes', async (dtype, elements, bytes) => {
    await expect(readBoth(dtype, elements, bytes)).rejects.toThrow(`'x' is stored as ${dtype}, expected`);
  });

  it('an int64 beyond int32', async () => {
    const bytes = fileOf(`{"n":${entry('I64', [2], [0, 16])}}`, 16);
    bytes.writeBigInt64LE(2n ** 31n, bytes.length - 8);
    await writeFile(path, bytes);
    const file = await readSafetensors(path);
    await expect(file.read('n')).rejects.toMatchObject({
      code: 'invalid-file',
      message: `${path}: 'n' has the int64 value 2147483648 at 1, expected values that fit into int32. The other tensors of the file can be read.`,
    });
    await file.close();
  });

  it('but not if its bytes do not fit its type', async () => {
    expect(await outcomeOf(fileOf(`{"a":${entry('F64', [1], [0, 4])}}`, 4))).toContain(
      "'a' takes 4 bytes, but F64 [1] takes 8",
    );
    expect(await outcomeOf(fileOf(`{"a":${entry('F4', [3], [0, 2])}}`, 2))).toContain(
      "'a' takes 2 bytes, but F4 [3] takes 1.5",
    );
  });
});

it('null for metadata is none, as for the reference implementation', async () => {
  await writeFile(path, fileOf(`{"__metadata__": null,"w":${f32(0, 16)}}`, 16));
  const file = await readSafetensors(path);
  expect(file.metadata).toEqual({});
  expect((await file.read('w')).shape).toEqual([4]);
  await file.close();
});

it('odd but well-formed headers are read', async () => {
  const spaced = `{ "b" : ${f32(4, 8)},\n"a":{"extra":{"x":"{\\"}","y":1},"dtype":"F32","shape":[1,1],"data_offsets":[0,4]} }   `;
  expect(await outcomeOf(fileOf(spaced, 8))).toBe('valid');
  expect(await outcomeOf(fileOf(`{"__proto__":${f32(0, 4)}}`, 4))).toBe('valid');
  expect(await outcomeOf(fileOf(`{"a":${f32(0, 4)},"none":${f32(4, 4)},"b":${f32(4, 8)}}`, 8))).toBe('valid');
});

describe('damage', () => {
  const originals = ['python.safetensors', 'python-narrow.safetensors'].map(goldenPath);

  it('truncation is always noticed', async () => {
    const bytes = await readFile(originals[0]);
    for (let length = 0; length < bytes.length; length += 3) {
      expect(await outcomeOf(bytes.subarray(0, length))).not.toBe('valid');
    }
  });

  it('changed bytes give an error or a valid result', async () => {
    const files = await Promise.all(originals.map((original) => readFile(original)));
    const changes = fc.array(
      fc.record({
        at: fc.oneof(fc.nat(30), fc.nat(1000)),
        to: fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('0123456789[]{},:"'))),
      }),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), changes, async (file, edits) => {
        const bytes = Buffer.from(file);
        for (const { at, to } of edits) bytes[at % bytes.length] = to;
        await outcomeOf(bytes);
      }),
      { numRuns: 600, seed: 1 },
    );
  });

  it('inserted and removed pieces give an error or a valid result', async () => {
    const file = await readFile(originals[0]);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(file.length),
        fc.nat(20),
        fc.uint8Array({ maxLength: 20 }),
        async (at, cut, put) => {
          await outcomeOf(Buffer.concat([file.subarray(0, at), put, file.subarray(at + cut)]));
        },
      ),
      { numRuns: 200, seed: 2 },
    );
  });
});
