import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TransfusionError } from '@transfusion/errors';
import { goldenPath } from '../testing-internals/golden.js';
import { readSafetensors } from './read-safetensors.js';
import type { StoredTensor, TensorSource } from './stored-tensor.js';
import { writeSafetensors } from './write-safetensors.js';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'safetensors-'))));
afterAll(() => rm(folder, { recursive: true }));

async function readAll(path: string): Promise<Record<string, StoredTensor>> {
  const file = await readSafetensors(path);
  const tensors: Record<string, StoredTensor> = {};
  for (const name of file.tensors.keys()) tensors[name] = await file.read(name);
  await file.close();
  return tensors;
}

const floats = (...values: number[]): StoredTensor => ({
  shape: [values.length],
  dtype: 'float32',
  data: Float32Array.from(values),
});

/** Tensors that the script in tools/checks/golden/nn gives to Python's safetensors. */
const content: Record<string, StoredTensor> = {
  'layers.0.weight': {
    shape: [2, 3],
    dtype: 'float32',
    data: Float32Array.of(-0.5, -0.25, 0, 0.25, 0.5, 0.75),
  },
  'layers.10.bias': floats(3e38, 1e-45),
  'layers.0.bias': floats(1.5, Infinity, -0),
  mask: { shape: [3], dtype: 'bool', data: Uint8Array.of(1, 0, 1) },
  pixels: { shape: [1, 3], dtype: 'uint8', data: Uint8Array.of(0, 127, 255) },
  step: { shape: [], dtype: 'int32', data: Int32Array.of(7) },
  ids: { shape: [2], dtype: 'int32', data: Int32Array.of(-(2 ** 31), 2 ** 31 - 1) },
  empty: { shape: [0, 4], dtype: 'float32', data: new Float32Array(0) },
  'quote" and \\ and ü': floats(2),
};
const metadata = { format: 'pt é\n' };

describe('a file of Python’s safetensors', () => {
  it('is read', async () => {
    const path = goldenPath('python.safetensors');
    expect(await readAll(path)).toEqual(content);
    const file = await readSafetensors(path);
    expect(file.metadata).toEqual(metadata);
    expect(file.path).toBe(path);
    expect(file.tensors.get('layers.0.weight')).toMatchObject({
      shape: [2, 3],
      dtype: 'float32',
      storedAs: 'F32',
    });
    await file.close();
  });

  it('has the same bytes as the file written here for the same content', async () => {
    const path = join(folder, 'same.safetensors');
    await writeSafetensors(path, content, { metadata });
    expect(await readFile(path)).toEqual(await readFile(goldenPath('python.safetensors')));
  });

  it('may hold narrow floats, which become float32 exactly', async () => {
    const file = await readSafetensors(goldenPath('python-narrow.safetensors'));
    expect(file.tensors.get('half')).toMatchObject({ dtype: 'float32', storedAs: 'F16' });
    expect(await file.read('half')).toEqual(await file.read('half as float'));
    expect(await file.read('brain')).toEqual(await file.read('brain as float'));
    await file.close();
  });

  it('may hold int64, if its values fit', async () => {
    const file = await readSafetensors(goldenPath('python-narrow.safetensors'));
    expect((await file.read('long')).data).toEqual(Int32Array.of(0, -1, 2 ** 31 - 1, -(2 ** 31)));
    await expect(file.read('too long')).rejects.toThrow(
      "'too long' has the int64 value 2147483648 at 1, expected values that fit into int32",
    );
    await file.close();
  });
});

describe('writeSafetensors', () => {
  it('gives equal bytes for equal content in another order, its tensors aligned', async () => {
    const [a, b] = [join(folder, 'a'), join(folder, 'b')];
    const notes = { one: '1', two: '2' };
    await writeSafetensors(a, content, { metadata: notes });
    const reversed = Object.fromEntries(Object.entries(content).reverse());
    await writeSafetensors(b, reversed, { metadata: Object.fromEntries(Object.entries(notes).reverse()) });
    const bytes = await readFile(a);
    expect(await readFile(b)).toEqual(bytes);
    expect(bytes.readBigUInt64LE() % 8n).toBe(0n);
  });

  it('writes nothing at all, numeric names, and any metadata', async () => {
    const path = join(folder, 'odd');
    await writeSafetensors(path, {});
    expect(await readAll(path)).toEqual({});
    const notes = { '10': 'x'.repeat(1e6), '2': '{"a":"}{"}', '': '\\"', __proto: 'y' };
    const named = { '10': floats(1), '9': floats(2), 'z.0': floats(3) };
    await writeSafetensors(path, named, { metadata: notes });
    const file = await readSafetensors(path);
    expect(file.metadata).toEqual(notes);
    expect([...file.tensors.keys()]).toEqual(['10', '9', 'z.0']);
    await file.close();
    expect(await readAll(path)).toEqual(named);
  });

  it('asks for one tensor at a time', async () => {
    let held = 0;
    const source = (value: number): TensorSource => ({
      shape: [],
      dtype: 'float32',
      read: async () => {
        expect(held++).toBe(0);
        await new Promise((resolve) => setTimeout(resolve, 1)).then(() => held--);
        return Float32Array.of(value);
      },
    });
    const path = join(folder, 'lazy');
    await writeSafetensors(path, { a: source(1), b: source(2), c: floats(3) });
    expect(Object.values(await readAll(path)).map(({ data }) => data[0])).toEqual([1, 2, 3]);
  });

  it('passes on the bytes that it writes, as the reader those that it reads', async () => {
    const path = join(folder, 'passed on');
    const chunks: Buffer[] = [];
    const onBytes = (bytes: Uint8Array): void => void chunks.push(Buffer.from(bytes));
    await writeSafetensors(path, content, { metadata, onBytes });
    expect(Buffer.concat(chunks)).toEqual(await readFile(path));

    const read = Buffer.alloc(Buffer.concat(chunks).length);
    const file = await readSafetensors(path, { onBytes: (bytes, position) => read.set(bytes, position) });
    for (const name of file.tensors.keys()) await file.read(name);
    await file.close();
    expect(read).toEqual(await readFile(path));
  });

  it('writes views of larger arrays', async () => {
    const data = Float32Array.of(0, 1, 2, 3).subarray(1, 3);
    await writeSafetensors(join(folder, 'view'), { a: { shape: [2], dtype: 'float32', data } });
    expect(await readAll(join(folder, 'view'))).toEqual({ a: floats(1, 2) });
  });

  it('leaves the old file, and nothing else, when it cannot write the new one', async () => {
    const inside = await mkdtemp(join(folder, 'atomic-'));
    const path = join(inside, 'x');
    await writeSafetensors(path, { a: floats(1) });
    const failing: TensorSource = {
      shape: [1],
      dtype: 'float32',
      read: () => Promise.reject(new Error('no memory')),
    };
    await expect(writeSafetensors(path, { a: floats(2), b: failing })).rejects.toThrow('no memory');
    expect(await readAll(path)).toEqual({ a: floats(1) });
    expect(await readdir(inside)).toEqual(['x']);
  });

  it('replaces a file that is being read; the reader keeps the old one', async () => {
    const path = join(folder, 'replaced');
    await writeSafetensors(path, { a: floats(1) });
    const reader = await readSafetensors(path);
    await writeSafetensors(path, { a: floats(2, 3) });
    expect(await reader.read('a')).toEqual(floats(1));
    await reader.close();
    expect(await readAll(path)).toEqual({ a: floats(2, 3) });
  });

  it.each([
    [
      { a: { ...floats(1, 2), shape: [3] } },
      "'a' has 2 values in a Float32Array, expected 3 in a Float32Array",
    ],
    [{ a: { ...floats(1), dtype: 'int32' } }, 'expected 1 in a Int32Array for int32 [1]'],
    [{ __metadata__: floats(1) }, "the tensor name '__metadata__' is reserved by the format"],
  ])('refuses what does not fit (%#)', async (tensors, message) => {
    const writing = writeSafetensors(join(folder, 'refused'), tensors as Record<string, StoredTensor>);
    await expect(writing).rejects.toThrow(message);
    await expect(writing).rejects.toThrow(TransfusionError);
    expect(await readdir(folder)).not.toContain('refused');
  });
});

describe('readSafetensors', () => {
  it('says what a file that is not there, or is a folder, is', async () => {
    const missing = readSafetensors(join(folder, 'nowhere'));
    await expect(missing).rejects.toThrow(/nowhere: cannot be opened: the file does not exist/);
    await expect(missing).rejects.toMatchObject({ code: 'invalid-file' });
    await expect(readSafetensors(folder)).rejects.toThrow(/cannot be opened: it is a folder/);
  });

  it('lists the available tensors when a name is unknown', async () => {
    const path = join(folder, 'names');
    await writeSafetensors(path, Object.fromEntries([...'abcdefg'].map((name) => [name, floats(1)])));
    const file = await readSafetensors(path);
    await expect(file.read('x')).rejects.toThrow(
      "has no tensor 'x'; expected one of 'a', 'b', 'c', 'd', 'e' and 2 more",
    );
    await expect(file.read('x')).rejects.toMatchObject({ code: 'not-found' });
    await file.close();
  });

  it('notices that the file was truncated while reading', async () => {
    const path = join(folder, 'shrinking');
    await writeSafetensors(path, { a: floats(1, 2) });
    const file = await readSafetensors(path);
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length - 4));
    await expect(file.read('a')).rejects.toThrow(
      `at byte ${bytes.length - 4}: the file was truncated while reading`,
    );
    await file.close();
  });
});
