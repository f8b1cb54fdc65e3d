import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { ExportConfig, ExportedGeneration } from '@transfusion/export';
import { expect, it, onTestFinished } from 'vitest';
import { shippedModels } from '../composition/shipped-models.js';
import { createModelExports } from './model-exports.js';

it(
  'exports a model once, in a process of its own, and removes it at the end',
  { timeout: 60_000 },
  async () => {
    const exports = createModelExports(shippedModels);
    onTestFinished(() => exports.close());
    const [folder, again] = await Promise.all([exports.folderOf('emoji'), exports.folderOf('emoji')]);
    expect(again).toBe(folder);
    const read = <T>(name: string): T => JSON.parse(readFileSync(join(folder, name), 'utf8')) as T;
    const { precisions, files } = read<ExportConfig>('config.json');
    expect(precisions).toEqual(['half']);
    for (const name of Object.keys(files)) expect(existsSync(join(folder, name))).toBe(true);
    const { samplers, num_inference_steps } = read<ExportedGeneration>('generation_config.json');
    expect(num_inference_steps).toBe(50);
    const steps = samplers['image'].map((sampler) => sampler.num_inference_steps);
    expect(new Set(steps)).toEqual(new Set([5, 10, 15, 20, 25, 30, 40, 50, 75, 100]));
    await exports.close();
    expect(existsSync(folder)).toBe(false);
  },
);

it(
  'says why a model cannot be exported, and tries again when it is asked again',
  { timeout: 60_000 },
  async () => {
    const exports = createModelExports(new Map([['lost', '/nowhere']]));
    onTestFinished(() => exports.close());
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(exports.folderOf('lost')).rejects.toThrow(
        /^The model 'lost' cannot be exported for browsers: .*\/nowhere/,
      );
    }
  },
);

it('has a folder for each model, also after one could not be exported', { timeout: 60_000 }, async () => {
  const exports = createModelExports(new Map([['lost', '/nowhere'], ...shippedModels]));
  onTestFinished(() => exports.close());
  const lost = exports.folderOf('lost').catch(() => undefined);
  const emoji = exports.folderOf('emoji');
  await lost;
  await exports.folderOf('lost').catch(() => undefined);
  const folder = await emoji;
  expect(existsSync(join(folder, 'config.json'))).toBe(true);
  expect(readdirSync(join(folder, '..'))).toEqual([basename(folder)]);
});

it('ends an export that runs when it is closed, and begins no other', { timeout: 60_000 }, async () => {
  const exports = createModelExports(shippedModels);
  const before = readdirSync(tmpdir());
  const folder = exports.folderOf('emoji');
  const rejected = expect(folder).rejects.toThrow('SIGKILL');
  await exports.close();
  await rejected;
  await expect(exports.folderOf('emoji')).rejects.toThrow('the server ends');
  const left = readdirSync(tmpdir()).filter((name) => !before.includes(name));
  expect(left.filter((name) => name.startsWith('transfusion-exports-'))).toEqual([]);
});
