import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openMetricsLog, readMetrics, type MetricsLine } from './metrics-log.js';
import { temporaryFolder } from './testing-internals/toy-run.js';

const fresh = (): string => join(temporaryFolder(), 'metrics.jsonl');

test('reads logged lines', async () => {
  const path = fresh();
  const log = await openMetricsLog(path, 0);
  const lines: MetricsLine[] = [
    { step: 1, loss: 1 / 3, 'loss/tokens': 1e-300 },
    { step: 1, 'validation/loss': -0.5 },
    { step: 2, loss: 5e-324 },
  ];
  for (const line of lines) await log.append(line);
  expect(await readMetrics(path)).toEqual(lines);
  expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(4);
});

test('leaves out what JSON cannot say', async () => {
  const path = fresh();
  await (await openMetricsLog(path, 0)).append({ step: 1, loss: NaN, gradNorm: Infinity, applied: 0 });
  expect(await readMetrics(path)).toEqual([{ step: 1, applied: 0 }]);
});

test('drops lines of later steps, and one that was cut off', async () => {
  const path = fresh();
  const log = await openMetricsLog(path, 0);
  for (const step of [1, 2, 3, 4]) await log.append({ step, loss: step });
  appendFileSync(path, '{"step":5,"lo');
  expect((await readMetrics(path)).map(({ step }) => step)).toEqual([1, 2, 3, 4]);
  const resumed = await openMetricsLog(path, 2);
  await resumed.append({ step: 3, loss: 30 });
  expect(await readMetrics(path)).toEqual([
    { step: 1, loss: 1 },
    { step: 2, loss: 2 },
    { step: 3, loss: 30 },
  ]);
  expect(readdirSync(join(path, '..'))).toEqual(['metrics.jsonl']);
});

test.each([
  ['NUL bytes after a power loss', '\0'.repeat(8) + '\n'],
  ['random bytes', Buffer.from([0xff, 0x80, 0x0a, 0xc3, 0x28, 0x7b])],
  ['half a line', '{"step":2,"lo'],
  ['JSON that is not a line of metrics', 'null\n[2]\n"step"\n{"loss":1}\n{"step":"2"}\n'],
])('drops %s at its end, with a warning', async (_, garbage) => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  const path = fresh();
  writeFileSync(path, Buffer.concat([Buffer.from('{"step":1,"loss":2}\n'), Buffer.from(garbage)]));
  expect(await readMetrics(path)).toEqual([{ step: 1, loss: 2 }]);
  await (await openMetricsLog(path, 9)).append({ step: 2, loss: 3 });
  expect(readFileSync(path, 'utf8')).toBe('{"step":1,"loss":2}\n{"step":2,"loss":3}\n');
  expect(warn).toHaveBeenCalledExactlyOnceWith(
    expect.stringMatching(/metrics\.jsonl: dropped \d invalid lines?, as a crash/),
  );
  warn.mockRestore();
});

test('has no lines for a missing or empty file', async () => {
  const path = fresh();
  expect(await readMetrics(path)).toEqual([]);
  writeFileSync(path, '');
  expect(await readMetrics(path)).toEqual([]);
  writeFileSync(path, '{"step":1');
  expect(await readMetrics(path)).toEqual([]);
});

test('says when it cannot be written', async () => {
  const path = join(temporaryFolder(), 'none', 'metrics.jsonl');
  await expect(openMetricsLog(path, 0)).rejects.toMatchObject({
    code: 'training-failed',
    message: expect.stringMatching(/metrics\.jsonl could not be written: ENOENT/) as string,
  });
});
