import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { crc32c } from './crc32c.js';
import { openTensorBoardLog } from './tensorboard-log.js';
import { temporaryFolder } from './testing-internals/toy-run.js';

/** A log written by TensorBoard's own writer and read back by TensorBoard. */
interface GoldenLog {
  readonly seconds: number;
  readonly done: number;
  readonly steps: readonly (readonly [number, Readonly<Record<string, number>>])[];
  /** Base64. */
  readonly bytes: string;
}

const golden = JSON.parse(
  readFileSync(new URL('./golden/tensorboard.json', import.meta.url), 'utf8'),
) as GoldenLog[];

afterEach(() => vi.restoreAllMocks());

test('crc32c computes known checksums', () => {
  const ascending = Uint8Array.from({ length: 32 }, (_, i) => i);
  expect(crc32c(new Uint8Array())).toBe(0);
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  // RFC 3720, B.4.
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(ascending)).toBe(0x46dd794e);
  expect(crc32c(ascending.toReversed())).toBe(0x113fdb5c);
});

test('writes the same bytes as the writer of TensorBoard', async () => {
  const folder = temporaryFolder();
  for (const { seconds, done, steps } of golden) {
    vi.spyOn(Date, 'now').mockReturnValue(1000 * seconds);
    const log = await openTensorBoardLog(join(folder, 'tensorboard'), done);
    for (const [step, scalars] of steps) await log.append(step, scalars);
  }
  const names = readdirSync(join(folder, 'tensorboard')).toSorted();
  expect(names).toEqual(
    [1_700_000_000, 1_700_000_100].map(
      (seconds) => `events.out.tfevents.${seconds}.${process.pid}.transfusion`,
    ),
  );
  names.forEach((name, i) => {
    const found = readFileSync(join(folder, 'tensorboard', name)).toString('base64');
    expect(found).toBe(golden[i].bytes);
  });
});

test('reports write errors', async () => {
  const folder = join(temporaryFolder(), 'tensorboard');
  const log = await openTensorBoardLog(folder, 0);
  rmSync(folder, { recursive: true });
  await expect(log.append(1, { loss: 1 })).rejects.toMatchObject({
    code: 'training-failed',
    message: expect.stringMatching(/transfusion could not be written: ENOENT/) as string,
  });
});
