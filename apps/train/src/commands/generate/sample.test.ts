/** `sample` and `caption` with several kinds of modalities; the models are trained for one step. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readImage } from '@transfusion/modality-image';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { recipePath, runCommand } from '../../testing-internals/run-command.js';

let folder: string;
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfusion-sample-'));
  await runCommand('train', recipePath('squares.ts'), '--steps', '1', '--directory', path('latents'));
  await runCommand('train', recipePath('image-codes.ts'), '--steps', '1', '--directory', path('codes'));
}, 60_000);

const sample = (run: string, ...options: string[]): Promise<string[]> =>
  runCommand('sample', path(run), 'red', '--steps', '2', '--tokens', '12', ...options);

describe.each(['latents', 'codes'])('images of %s', (run) => {
  test('are written into a file, several as a grid', async () => {
    expect(await sample(run, '--out', path(`${run}.png`))).toEqual([path(`${run}.png`)]);
    const one = await readImage(path(`${run}.png`));
    expect(one).toMatchObject({ width: 8, height: 8 });
    await sample(run, '--count', '3', '--out', path('grid.png'));
    expect(await readImage(path('grid.png'))).toMatchObject({ width: 18, height: 18 });
    await sample(run, '--seed', '1', '--out', path('other.png'));
    expect(await readImage(path('other.png'))).not.toEqual(one);
  });

  test('get a missing extension, and folders are created, with a note', async () => {
    const note = vi.spyOn(console, 'error').mockReturnValue();
    const made = path(`made/${run}`);
    expect(await sample(run, '--out', `${made}/a`)).toEqual([`${made}/a.png`]);
    await sample(run, '--out', `${made}/a`);
    expect(note).toHaveBeenCalledExactlyOnceWith(`creating the folder ${made}`);
    note.mockRestore();
    expect(await readImage(`${made}/a.png`)).toMatchObject({ width: 8 });
  });

  test('are captioned', async () => {
    await sample(run, '--out', path('asked.png'));
    const lines = await runCommand(
      'caption',
      path(run),
      path('asked.png'),
      path('asked.png'),
      '--tokens',
      '3',
    );
    expect(lines).toHaveLength(2);
    expect(lines[1]).toBe(lines[0]);
    expect(lines[0].startsWith(`${path('asked.png')}: `)).toBe(true);
  });
});

describe('other outputs', () => {
  test('text is printed after its prompt, or written into a file', async () => {
    const [line] = await sample('latents', '--output', 'text');
    expect(line).toMatch(/^red/);
    const [greedy] = await sample('latents', '--output', 'text', '--temperature', '0');
    expect(greedy).not.toBe(line);
    expect(await sample('latents', '--output', 'text', '--out', path('red'))).toEqual([path('red.txt')]);
    expect(`red${await readFile(path('red.txt'), 'utf8')}`).toBe(line);
  });

  test('a document is printed as text and the paths of written files, in order', async () => {
    const count = ['--tokens', '60', '--count', '16', '--seed', '2000'];
    const options = ['--output', 'document', ...count, '--out', path('document')];
    const lines = await sample('latents', ...options);
    const files = lines.filter((line) => line.startsWith(folder));
    expect(files.length).toBeGreaterThan(0);
    expect(lines.length).toBeGreaterThan(files.length);
    for (const file of files) {
      expect(file).toMatch(/document-\d+-\d+\.png$/);
      expect(await readImage(file)).toMatchObject({ width: 8, height: 8 });
    }
  });

  test('a document is held to --modalities', async () => {
    const options = ['--output', 'document', '--tokens', '30', '--min-tokens', '30', '--seed', '3'];
    const modalities = async (run: string, names: string): Promise<ReadonlySet<string>> => {
      const held = ['--modalities', names, '--json', '--out', path('held')];
      const [line] = await sample(run, ...options, ...held);
      const { segments } = JSON.parse(line) as {
        readonly segments: readonly { readonly modality: string }[];
      };
      return new Set(segments.map(({ modality }) => modality));
    };
    expect(await modalities('codes', 'text')).toEqual(new Set(['text']));
    expect(await modalities('codes', 'image')).toEqual(new Set(['image']));
    expect(await modalities('codes', 'text, image')).toEqual(new Set(['text', 'image']));
    expect(await modalities('latents', 'text')).toEqual(new Set(['text']));
    const images = ['--output', 'document', '--modalities', 'image', '--out', path('only')];
    for (const line of await sample('latents', ...images)) expect(line).toMatch(/only.*\.png$/);
    await expect(sample('latents', '--modalities', 'image')).rejects.toThrow(
      "--modalities is set, but the output is 'image', expected a document. Omit it, or add --output document.",
    );
    await expect(sample('latents', ...options, '--modalities', 'sound')).rejects.toThrow(
      "unknown modality 'sound', expected one of 'text', 'image'.",
    );
    const stop = [...images, '--stop', 'a'];
    await expect(sample('latents', ...stop)).rejects.toThrow('--stop is set');
  });

  test('prompts of a file get numbered files, and JSON a line per output', async () => {
    await writeFile(path('prompts.txt'), 'red\r\n\nblue\n');
    const prompts = ['--prompts', path('prompts.txt'), '--steps', '2', '--tokens', '12'];
    const run = (...options: string[]) => runCommand('sample', path('latents'), ...prompts, ...options);
    expect(await run('--out', path('colors.png'))).toEqual([path('colors-1.png'), path('colors-2.png')]);
    const one = ['--steps', '2', '--seed', '1', '--out', path('blue.png')];
    await runCommand('sample', path('latents'), 'blue', ...one);
    expect(await readImage(path('colors-2.png'))).toEqual(await readImage(path('blue.png')));

    const lines = await run('--count', '2', '--seed', '3', '--json', '--out', path('json'));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
      ['red', 'red', 'blue', 'blue'].map((prompt, i) => {
        return { seed: 3 + i, prompt, modality: 'image', file: path(`json-${i + 1}.png`) };
      }),
    );
    const [text] = await run('--output', 'text', '--json');
    const [plain] = await run('--output', 'text');
    expect(JSON.parse(text)).toEqual({ seed: 0, prompt: 'red', modality: 'text', text: plain.slice(3) });
    const [document] = await run('--output', 'document', '--json', '--out', path('in-order'));
    expect(JSON.parse(document)).toMatchObject({
      prompt: 'red',
      segments: expect.arrayContaining([{ modality: 'text', text: expect.any(String) as string }]) as unknown,
    });
  });

  test('--sampler chooses a noise scheduler; --top-k and --top-p limit the tokens', async () => {
    await sample('latents', '--out', path('euler.png'));
    await sample('latents', '--sampler', 'flow-euler', '--out', path('own.png'));
    await sample('latents', '--sampler', 'flow-heun', '--out', path('heun.png'));
    const [euler, own, heun] = await Promise.all(
      ['euler', 'own', 'heun'].map((name) => readImage(path(`${name}.png`))),
    );
    expect(own).toEqual(euler);
    expect(heun).not.toEqual(euler);
    const greedy = await sample('latents', '--output', 'text', '--temperature', '0');
    expect(await sample('latents', '--output', 'text', '--top-k', '1')).toEqual(greedy);
    expect(await sample('latents', '--output', 'text', '--top-p', '1e-9')).toEqual(greedy);
  });

  test('--scheduler is the same option; guidance has an interval and a negative prompt', async () => {
    const image = async (name: string, ...options: string[]) => {
      await sample('latents', '--guidance', '20', '--out', path(name), ...options);
      return readImage(path(name));
    };
    const heun = await image('sampler.png', '--sampler', 'flow-heun');
    expect(await image('scheduler.png', '--scheduler', 'flow-heun')).toEqual(heun);
    const always = await image('always.png');
    expect(await image('zero.png', '--guidance-interval', '0,1000')).toEqual(always);
    expect(await image('late.png', '--guidance-interval', '0,500')).not.toEqual(always);
    expect(await image('away.png', '--negative-prompt', 'blue')).not.toEqual(always);
    expect(await image('empty.png', '--negative-prompt', '')).toEqual(always);
  });

  test('--min-p, --repetition-penalty, --stop and --min-tokens are options of text', async () => {
    const text = async (...options: string[]): Promise<string> =>
      (await sample('latents', '--output', 'text', ...options)).join('\n');
    const greedy = await text('--temperature', '0', '--min-tokens', '12');
    expect(await text('--min-p', '1', '--min-tokens', '12')).toBe(greedy);
    const penalty = ['--repetition-penalty', '5', '--temperature', '0', '--min-tokens', '12'];
    expect(await text(...penalty)).not.toBe(greedy);
    const generated = greedy.slice('red'.length);
    const stop = generated.slice(2, 4);
    const stopped = await text('--temperature', '0', '--stop', 'never', '--stop', stop);
    expect(stopped).toBe(`red${generated.slice(0, generated.indexOf(stop))}`);
  });

  test('--spans limits the spans of a document', async () => {
    const options = ['--output', 'document', '--tokens', '20', '--count', '8', '--out', path('no-spans')];
    const lines = await sample('latents', ...options, '--spans', '0');
    expect(lines.filter((line) => line.startsWith(folder))).toEqual([]);
  });

  test.each([
    [
      ['--sampler', 'ddim'],
      "generate: 'image': the scheduler is 'ddim', expected one that fits the noise that the model was trained with " +
        '(rectified-flow, sample): flow-euler, flow-heun.',
    ],
    [
      ['--output', 'text', '--sampler', 'flow-heun'],
      "--sampler is set, but 'text' has no latents to denoise. Omit --sampler.",
    ],
    [
      ['--output', 'text', '--negative-prompt', 'blue'],
      "--negative-prompt is set, but 'text' has no latents",
    ],
    [['--output', 'text', '--guidance-interval', '1,2'], '--guidance-interval is set, but'],
    [['--stop', 'a'], "--stop is set, but 'image' is no text. Omit --stop."],
    [['--output', 'text', '--stop', ''], 'generate: stop[0] is ""'],
    [['--guidance-interval', '2000,3000'], 'guidanceInterval is from 2000 to 3000, expected some timesteps'],
    [['--prompts', 'none.txt'], 'found both of <prompt> and --prompts'],
    [['--output', 'smell'], "unknown modality 'smell'"],
    [['--output', 'document', '--size', '8x8'], '--size cannot be used with --output document'],
    [['--output', 'text', '--size', '8x8'], "'text' is discrete, expected a continuous modality"],
  ])('refuses %j', async (options, message) => {
    await expect(sample('latents', ...options)).rejects.toThrow(message);
  });
});

test('a file is captioned by the modality of its extension, or the first that can decode it', async () => {
  await sample('latents', '--out', path('apple.png'));
  await writeFile(path('apple'), await readFile(path('apple.png')));
  const [named, unnamed] = await runCommand('caption', path('latents'), path('apple.png'), path('apple'));
  expect(unnamed.slice(path('apple').length)).toBe(named.slice(path('apple.png').length));
  await writeFile(path('noise'), 'no image');
  await expect(runCommand('caption', path('latents'), path('noise'))).rejects.toThrow(
    /noise: not a file of the model's modalities, expected one of .*\.png/,
  );
  await expect(runCommand('caption', path('latents'), path('none.png'))).rejects.toThrow(
    /none\.png: cannot be read/,
  );
});
