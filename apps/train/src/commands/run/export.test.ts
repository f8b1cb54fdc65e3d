/** A run's folder is sufficient to use its model, and nothing in it is executed. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readImage, writePng } from '@transfusion/modality-image';
import { beforeEach, expect, test, vi } from 'vitest';
import { recipePath, runCommand } from '../../testing-internals/run-command.js';

let folder: string;
const path = (name: string): string => join(folder, name);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfusion-export-'));
});

/** Reads its images when it is executed, not when its sources are opened. */
const eagerRecipe = (images: string): string => `
import { captionPairs, captionedFolder } from '@transfusion/data';
import { createModalityRegistry } from '@transfusion/modality';
import { image } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { defineRecipe } from '@transfusion/runs';

export const recipe = async () => {
  const modality = image({ latentShapes: [[8, 8, 3]], patchSize: 2 });
  const images = await captionedFolder(${JSON.stringify(images)}, { modality });
  return defineRecipe({
    name: 'eager',
    modalities: createModalityRegistry(text(), modality),
    transformer: { modelDim: 16, numLayers: 1, numHeads: 2, ffnDim: 32 },
    sources: () => [{ source: images, transform: captionPairs() }],
    batch: { numRows: 2, rowLength: 64 },
    optimizer: { warmupSteps: 0 },
    totalSteps: 100,
  });
};
`;

/** Writes the recipe, and its image. */
async function writeEagerRecipe(): Promise<void> {
  await mkdir(path('images'));
  await writePng(path('images/red.png'), { width: 8, height: 8, data: new Uint8Array(192).fill(200) });
  await writeFile(path('images/red.txt'), 'red');
  await writeFile(path('eager.ts'), eagerRecipe(path('images')));
}

test(
  'an export generates and captions without its recipe and training images',
  { timeout: 60_000 },
  async () => {
    await writeEagerRecipe();
    await runCommand('train', path('eager.ts'), '--steps', '2', '--directory', path('run'));
    expect(await runCommand('export', path('run'), '--out', path('exported'))).toEqual([path('exported')]);
    const sampling = ['red', '--steps', '2', '--out', path('sample.png')];
    await runCommand('sample', path('run'), ...sampling);

    const bare = join(await mkdtemp(join(tmpdir(), 'transfusion-bare-')), 'model');
    await cp(path('exported'), bare, { recursive: true });
    await rm(folder, { recursive: true });
    await runCommand('sample', bare, ...sampling);
    expect(await readImage(path('sample.png'))).toMatchObject({ width: 8, height: 8 });
    const [caption] = await runCommand('caption', bare, path('sample.png'), '--tokens', '3');
    expect(caption).toContain('sample.png: ');
    const [inspection] = await runCommand('inspect', bare, '--json');
    expect(JSON.parse(inspection)).toMatchObject({ checkpoint: { step: 2, path: bare } });
  },
);

test("a recipe file in a run's folder is executed only with --recipe", { timeout: 60_000 }, async () => {
  const run = path('run');
  await runCommand('train', recipePath('squares.ts'), '--steps', '1', '--directory', run);
  await writeFile(
    join(run, 'recipe.ts'),
    `console.log('code of a run folder ran');
export const recipe = () => {
  throw new Error('code of a run folder ran');
};`,
  );
  await writeFile(join(run, 'run.json'), '{"recipe":"recipe.ts"}');
  const image = path('image.png');
  const printed = [
    await runCommand('sample', run, 'red', '--steps', '2', '--out', image),
    await runCommand('caption', run, image, '--tokens', '2'),
    await runCommand('edit', run, image, 'blue', '--steps', '2', '--out', path('edit.png')),
    await runCommand('inpaint', run, image, '--mask', image, '--steps', '2', '--out', path('in.png')),
    await runCommand('inspect', run),
    await runCommand('export', run, '--out', path('exported')),
    await runCommand('inspect', path('exported'), '--json'),
  ];
  expect(JSON.stringify(printed)).not.toContain('code of a run folder ran');
  // The recipe of run.json is only shown.
  expect(printed[4].join('\n')).toContain('run/recipe.ts');

  const log = vi.spyOn(console, 'log');
  await expect(runCommand('sample', run, 'red', '--recipe', join(run, 'recipe.ts'))).rejects.toThrow(
    'code of a run folder ran',
  );
  log.mockRestore();
});

test('refuses to export into an existing folder', async () => {
  await expect(runCommand('export', 'emoji', '--out', folder)).rejects.toThrow(
    'already exists. Choose a new folder',
  );
});

const loraRecipe = (from: string): string => `
import { defineRecipe } from '@transfusion/runs';
import { recipe as eager } from './eager.js';

export const recipe = async () =>
  defineRecipe({
    ...(await eager()),
    name: 'tuned',
    init: { from: ${JSON.stringify(from)} },
    lora: { rank: 1 },
    freeze: ['tokenEmbedding', 'lmHead', 'adapters'],
  });
`;

test(
  'low-rank updates are exported, and used with the model they were trained on',
  { timeout: 60_000 },
  async () => {
    await writeEagerRecipe();
    await writeFile(path('tuned.ts'), loraRecipe(path('run')));
    await runCommand('train', path('eager.ts'), '--steps', '2', '--directory', path('run'));
    await runCommand('train', path('tuned.ts'), '--steps', '2', '--directory', path('tuned'));
    expect(await runCommand('export', path('tuned'), '--out', path('lora'), '--format', 'lora')).toEqual([
      path('lora'),
    ]);
    const imageOf = async (...args: string[]): Promise<unknown> => {
      await runCommand('sample', ...args, 'red', '--steps', '2', '--out', path('sample.png'));
      return readImage(path('sample.png'));
    };
    const tuned = await imageOf(path('tuned'));
    expect(await imageOf(path('run'), '--lora', path('lora'))).toEqual(tuned);
    await expect(
      runCommand('export', path('run'), '--out', path('none'), '--format', 'lora'),
    ).rejects.toThrow('has no low-rank updates');
    await expect(
      runCommand('export', path('tuned'), '--out', path('none'), '--format', 'lora', '--dtype', 'float16'),
    ).rejects.toThrow('--dtype and --precision are for whole models');
  },
);

test('exports ONNX files, and says which options belong to which format', { timeout: 60_000 }, async () => {
  const out = path('onnx');
  await writeEagerRecipe();
  await runCommand('train', path('eager.ts'), '--steps', '2', '--directory', path('run'));
  await expect(
    runCommand('export', path('run'), '--out', out, '--format', 'onnx', '--dtype', 'float16'),
  ).rejects.toThrow('--dtype is for checkpoints');
  await expect(runCommand('export', path('run'), '--out', out, '--precision', 'half')).rejects.toThrow(
    '--precision is for --format onnx',
  );
  expect(
    await runCommand('export', path('run'), '--out', out, '--format', 'onnx', '--precision', 'int8'),
  ).toEqual([out]);
  const names = await readdir(join(out, 'onnx'));
  expect(names).toEqual(
    expect.arrayContaining([
      'decoder_model_merged_quantized.onnx',
      'embed_tokens_quantized.onnx',
      'latent_denoiser_quantized.onnx',
      'latent_embedder_quantized.onnx',
      'value_decoder_quantized.onnx',
      'value_encoder_quantized.onnx',
      'weights_quantized.onnx_data',
    ]),
  );
  const config = JSON.parse(await readFile(join(out, 'config.json'), 'utf8')) as object;
  expect(config).toMatchObject({ model_type: 'transfusion', format_version: 1, precisions: ['int8'] });
});
