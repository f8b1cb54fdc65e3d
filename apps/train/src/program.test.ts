import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SourceReport } from '@transfusion/data';
import { TransfusionError } from '@transfusion/errors';
import { loadTokenizer } from '@transfusion/modality-text';
import { CommanderError } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CheckpointInspection } from './commands/run/inspect-checkpoint.js';
import { runProgram } from './program.js';
import { reportError } from './report-error.js';

let folder: string;
let printed: string[];
let complaints: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfusion-program-'));
  printed = [];
  complaints = [];
  vi.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text));
  vi.spyOn(console, 'error').mockImplementation((text: string) => void complaints.push(text));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => complaints.push(String(text)) > 0);
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
});

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

const run = (...args: string[]): Promise<unknown> => runProgram(args);

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

test('data check counts good and bad records', async () => {
  const path = await file('texts.jsonl', '{"text": "one"}\n{"text": 2}\n{"text": 3}\n');
  await run('data', 'check', path, '--json');
  const [report] = JSON.parse(printed.join('')) as {
    documents: number;
    skipped: number;
    reasons: unknown[];
  }[];
  expect(report).toMatchObject({ source: path, documents: 1, skipped: 2, segments: { text: 1 } });
  printed = [];
  await run('data', 'check', path);
  expect(printed.join('\n')).toContain('1 documents (1 text), 2 records cannot be used');
  expect(process.exitCode).toBeUndefined();
});

test('data check reads documents of segments', async () => {
  const path = await file('mixed.jsonl', '{"segments": [{"text": "one"}, {"text": "two"}]}\n');
  await run('data', 'check', path);
  expect(printed.join('\n')).toContain('1 documents (2 text)');
});

test('data check reads folders of captioned files, with the modalities of a recipe if one is passed', async () => {
  await file('red.svg', '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>');
  await file('red.txt', 'red');
  await run('data', 'check', folder);
  expect(printed.join('\n')).toContain('1 documents (1 text, 1 image), 0 records cannot be used');
  const recipe = new URL('testing-internals/squares.ts', import.meta.url);
  const words = await file(
    'words.mts',
    `import { text } from '@transfusion/modality-text';
import { createModalityRegistry } from '@transfusion/modality';
import { recipe as squares } from ${JSON.stringify(recipe.pathname)};
export const recipe = { ...squares, samples: undefined, batch: { numRows: 2, rowLength: 32 }, modalities: createModalityRegistry(text()) };`,
  );
  await expect(run('data', 'check', folder, '--recipe', words)).rejects.toThrow(
    'no files of a known modality',
  );
});

test('data check fails if no record can be used', async () => {
  await run('data', 'check', await file('texts.jsonl', '{"text": 2}\n'));
  expect(process.exitCode).toBe(1);
});

test('data check of a recipe reports documents that training skips because they do not fit into a batch', async () => {
  const squares = new URL('testing-internals/squares.ts', import.meta.url);
  await writeFile(join(folder, 'squares.ts'), await readFile(squares, 'utf8'));
  const path = await file(
    'long.ts',
    `import { recipe as squares } from './squares.ts';
const captioned = ({ source, transform }) => {
  const read = async (index) => {
    const { segments: [{ modality, value }, image] } = await source.read(index);
    return { segments: [{ modality, value: value.repeat(7) }, image] };
  };
  return { source: { ...source, read }, transform };
};
export const recipe = { ...squares, sources: async () => (await squares.sources()).map(captioned) };`,
  );
  await run('data', 'check', path, '--examples', '2', '--json');
  const [trained, validation] = JSON.parse(printed.join('')) as SourceReport[];
  const spans = (count: number): object => ({ 'image:8x8x3': count });
  expect(validation).toMatchObject({
    documents: 3,
    skipped: 0,
    segments: { text: 3, image: 3 },
    spans: spans(3),
  });
  expect(trained).toMatchObject({ documents: 1, skipped: 2, spans: spans(1) });
  const [{ reason, count, examples }] = trained.reasons;
  expect(count).toBe(2);
  expect(reason).toMatch(/^The document has … positions, expected at most …, the length of a row\./);
  expect(examples.map((example) => example.slice(0, 29))).toEqual([
    'square 1: The document has 43',
    'square 2: The document has 36',
  ]);
});

test('data check reports unsupported paths', async () => {
  await expect(run('data', 'check', await file('captions.json', '{}'))).rejects.toThrow(
    'Open it with parquetDocuments or cocoCaptions, in a recipe file',
  );
  await expect(run('data', 'check', join(folder, 'none'))).rejects.toThrow('there is no such file or folder');
});

test('tokenizer train writes a tokenizer', async () => {
  const out = join(folder, 'tokenizer.json');
  await run(
    'tokenizer',
    'train',
    await file('a.txt', 'one fish two fish'),
    '--vocab-size',
    '259',
    '--out',
    out,
  );
  expect(printed).toEqual([`${out}: 259 tokens`]);
  const tokenizer = await loadTokenizer(out);
  expect(tokenizer.decode(tokenizer.encode('two fish'))).toBe('two fish');
});

test.each([
  [['train'], "missing required argument 'recipe'"],
  [['train', 'x', '--stesp', '3'], 'Did you mean --steps?'],
  [['train', 'x', '--steps', 'three'], "argument 'three' is invalid. Expected an integer of at least 1."],
  [['sample', 'run', 'a', 'b'], 'too many arguments'],
  [['data', 'chekc'], 'Did you mean check?'],
  [['tokenizer', 'train', 'x'], "required option '--vocab-size <number>' not specified"],
])('%j is refused with a hint', async (args, message) => {
  await expect(run(...args)).rejects.toBeInstanceOf(CommanderError);
  expect(complaints.join('')).toContain(message);
});

test('every command has help', async () => {
  for (const args of [
    [],
    ['train'],
    ['sample'],
    ['caption'],
    ['edit'],
    ['inpaint'],
    ['export'],
    ['inspect'],
    ['tokenizer', 'train'],
    ['data', 'check'],
  ]) {
    printed = [];
    const error = await run(...args, '--help').catch((thrown: unknown) => thrown);
    expect(reportError(error, { debug: false })).toBe(0);
    expect(printed.join('')).toMatch(new RegExp(`^Usage: transfusion ?${args.join(' ')}`));
  }
});

test.each([
  ['train', '--help'],
  ['help', 'inspect'],
])('the help of %s %s lists the built-in recipes', async (...args) => {
  await run(...args).catch(() => undefined);
  expect(printed.join('')).toMatch(/^Built-in recipes:\n(.*\n)* {2}paper-7b /m);
});

test('help shows commands in groups', async () => {
  await run('--help').catch(() => undefined);
  const help = printed.join('');
  expect(help).toMatch(/^Generation of any modality:\n {2}sample .*\n {2}caption /m);
  expect(help).toMatch(/^Images:\n {2}edit /m);
});

test('emoji is the shipped model', { timeout: 60_000 }, async () => {
  await run('inspect', 'emoji', '--json');
  const { checkpoint } = JSON.parse(printed.join('')) as { checkpoint: CheckpointInspection };
  expect(checkpoint.files.map(({ file }) => file)).toEqual(['ema.safetensors']);
  const out = join(folder, 'exported');
  await run('export', 'emoji', '--out', out);
  printed = [];
  await run('inspect', out, '--json');
  expect(JSON.parse(printed.join(''))).toMatchObject({ checkpoint: { step: checkpoint.step } });
});

test('user errors are one line, bugs have a stack trace', () => {
  const userError = new TransfusionError('not-found', 'no such thing');
  expect(reportError(userError, { debug: false })).toBe(1);
  expect(complaints).toEqual(['error: no such thing']);
  complaints = [];
  reportError(userError, { debug: true });
  expect(complaints[1]).toContain('program.test.ts');
  complaints = [];
  reportError(new Error('surprise'), { debug: false });
  expect(complaints[0]).toBe('error: surprise (this is a bug in transfusion)');
  expect(complaints[1]).toContain('program.test.ts');
});

test.each([
  ['train', 'paper-7b', "recipe 'paper-7b' lacks a tokenizer, an image codec and data. Write a recipe file"],
  ['train', 'emoji-tokens', 'Train one first: transfusion train emoji-vq-autoencoder'],
  ['train', 'text-only', 'Pass one: transfusion train text-only --data book.txt'],
])('%s %s says what is missing before anything else', async (command, recipe, message) => {
  await expect(run(command, recipe)).rejects.toThrow(message);
  expect(printed).toEqual([]);
});

test('train refuses options without effect, and its own folder as --init-from', async () => {
  for (const option of [['--init-from', folder], ['--other-codecs']]) {
    await expect(run('train', 'emoji-autoencoder', ...option)).rejects.toThrow(
      'apply to Transfusion models only',
    );
  }
  await expect(run('train', 'emoji-pixels', '--other-codecs')).rejects.toThrow(
    '--other-codecs requires --init-from',
  );
  for (const from of ['runs/emoji-pixels', 'runs/emoji-pixels/checkpoints/step-00000001']) {
    await expect(run('train', 'emoji-pixels', '--init-from', from)).rejects.toThrow(
      'the folder of this run, expected another run',
    );
  }
});
