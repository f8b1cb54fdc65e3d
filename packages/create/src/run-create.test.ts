/** The command without a terminal, as in CI: everything comes from flags. */
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { runCreate } from './run-create.js';

let folder: string;
const printed = vi.spyOn(console, 'log');
const reported = vi.spyOn(console, 'error');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'create-'));
  printed.mockImplementation(() => undefined);
  reported.mockImplementation(() => undefined);
  vi.stubEnv('CI', 'true');
  vi.stubEnv('npm_config_user_agent', 'npm/11.0.0 node/v20.19.0 linux x64');
});
afterEach(() => {
  vi.resetAllMocks();
  vi.unstubAllEnvs();
  process.exitCode = undefined;
});

const read = (path: string): Promise<string> => readFile(join(folder, path), 'utf8');

/** Runs the command, which is to fail without writing anything, and returns its message. */
async function messageOf(...args: string[]): Promise<string> {
  const before = await readdir(folder, { recursive: true });
  await runCreate(args);
  expect(process.exitCode).toBe(1);
  expect(await readdir(folder, { recursive: true })).toEqual(before);
  return String(reported.mock.lastCall);
}

test('a plug-in is written with the name everywhere, and its commands are printed', async () => {
  const target = join(folder, 'motion');
  await runCreate([target, '--template', 'plugin', '--kind', 'continuous', '--name', 'motion-capture']);
  expect(process.exitCode).toBeUndefined();
  expect((await readdir(target)).sort()).toEqual(
    ['.github', '.gitignore', '.npmrc', 'LICENSE', 'README.md', 'package.json', 'recipe', 'src'].concat([
      'tsconfig.build.json',
      'tsconfig.json',
    ]),
  );
  expect((await readdir(join(target, 'src'))).sort()).toEqual([
    'index.ts',
    'linear-adapter.ts',
    'motion-capture.test.ts',
    'motion-capture.ts',
  ]);
  const files = await readdir(target, { recursive: true, withFileTypes: true });
  for (const file of files.filter((entry) => entry.isFile())) {
    expect(await readFile(join(file.parentPath, file.name), 'utf8')).not.toMatch(/new-?modality/i);
  }
  expect(await read('motion/src/index.ts')).toMatch(
    /motionCapture,\s+motionCaptureFactory,\s+type MotionCapture,/,
  );
  const commands = String(printed.mock.lastCall)
    .split('\n')
    .filter((line) => line.startsWith('  '));
  expect(commands.map((line) => line.split('#')[0].trim())).toEqual([
    expect.stringMatching(/^cd .*motion$/),
    'npm install',
    'npm test',
    'npm run train',
    'npm run sample',
    'npm run build',
  ]);
});

test('the manifest follows the conventions, with tested versions as lower bounds', async () => {
  const version = (JSON.parse(await readFile('package.json', 'utf8')) as { version: string }).version;
  await runCreate([join(folder, 'dna'), '--template', 'plugin', '--kind', 'discrete', '--scope', '@acme']);
  const manifest = JSON.parse(await read('dna/package.json')) as Record<string, Record<string, string>>;
  expect(manifest).toMatchObject({
    name: '@acme/transfusion-modality-dna',
    keywords: expect.arrayContaining(['transfusion-plugin']),
    peerDependencies: { '@transfusion/errors': `>=${version}`, '@transfusion/modality': `>=${version}` },
  });
  for (const [name, range] of Object.entries(manifest['devDependencies'])) {
    if (name.startsWith('@transfusion/')) expect([name, range]).toEqual([name, `^${version}`]);
  }
  expect(manifest['devDependencies']).toMatchObject(
    Object.fromEntries(Object.keys(manifest['peerDependencies']).map((name) => [name, `^${version}`])),
  );
});

test('the folder’s name suggests that of the modality', async () => {
  await runCreate([join(folder, 'transfusion-modality-dna'), '--template', 'plugin', '--kind', 'discrete']);
  expect(await read('transfusion-modality-dna/src/dna.ts')).toContain('export function dna<');
});

test('an empty folder is filled', async () => {
  await mkdir(join(folder, 'dna'));
  await runCreate([join(folder, 'dna'), '--template', 'plugin', '--kind', 'discrete']);
  expect(await readdir(join(folder, 'dna'))).toContain('package.json');
});

describe('refused, with nothing written:', () => {
  test('a folder that holds something', async () => {
    await mkdir(join(folder, 'full'));
    await writeFile(join(folder, 'full/notes.txt'), 'mine');
    const message = await messageOf(join(folder, 'full'), '--template', 'plugin', '--kind', 'discrete');
    expect(message).toContain('the folder holds notes.txt, expected a new or empty folder');
    expect(await read('full/notes.txt')).toBe('mine');
  });

  test('a file', async () => {
    await writeFile(join(folder, 'file'), '');
    const message = await messageOf(join(folder, 'file'), '--template', 'plugin', '--kind', 'discrete');
    expect(message).toContain('is a file, expected a new or empty folder');
  });

  test.each([
    ['no folder', [], 'a folder is missing, and there is no terminal to ask in'],
    ['no template', ['x'], '--template is missing, and there is no terminal to ask in'],
    ['no kind', ['x', '--template', 'plugin'], 'takes --kind continuous|discrete, --name <name>, --scope'],
    ['two folders', ['x', 'y'], 'found the folders x and y, expected one'],
    ['an unknown template', ['x', '--template', 'plug'], "found 'plug', expected one of"],
    ['an unknown flag', ['x', '--tempate', 'plugin'], 'did you mean --template?'],
    ['an unknown kind', ['x', '--template', 'plugin', '--kind', 'both'], 'expected continuous or discrete'],
  ])('%s', async (_, args, message) => expect(await messageOf(...args)).toContain(message));

  test.each([
    ['Sound', 'expected lower-case letters'],
    ['1d', 'expected lower-case letters'],
    ['a--b', 'expected lower-case letters'],
    ['tokens', "'tokens' is reserved"],
    ['class', "'class' is a word of JavaScript"],
    ['linear', "'linear' stands for something else in the template's code"],
  ])('the name %s', async (name, message) => {
    const args = ['--template', 'plugin', '--kind', 'discrete', '--name', name];
    expect(await messageOf(join(folder, 'new'), ...args)).toContain(message);
  });

  test('a scope that npm does not know', async () => {
    const args = ['--template', 'plugin', '--kind', 'discrete', '--scope', 'acme'];
    expect(await messageOf(join(folder, 'new'), ...args)).toContain('expected a scope such as @acme');
  });
});

test('--help lists templates and their flags', async () => {
  await runCreate(['--help']);
  expect(String(printed.mock.lastCall)).toMatch(/--template plugin: [\s\S]*--kind continuous\|discrete: /);
});
