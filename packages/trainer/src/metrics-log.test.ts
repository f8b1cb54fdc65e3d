import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
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
