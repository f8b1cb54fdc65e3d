/** The build, which holds a copy of core's registrations, is what `@tensorflow/tfjs` is without layers and loaders. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Options } from 'tsup';
import { beforeAll, expect, test } from 'vitest';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
let folder: string;

/** Links an npm package as npm would install it: none of its neighbors can be found from it. */
function link(name: string): void {
  const target = join(folder, 'node_modules', name);
  mkdirSync(dirname(target), { recursive: true });
  symlinkSync(realpathSync(dirname(require.resolve(`${name}/package.json`))), target, 'junction');
}

/** Installs a build of a package of the workspace. */
async function install(name: string, options: Options): Promise<void> {
  const home = join(folder, 'node_modules', name);
  mkdirSync(home, { recursive: true });
  writeFileSync(
    join(home, 'package.json'),
    JSON.stringify({
      name,
      version: '1.2.3',
      type: 'module',
      exports: { import: './dist/index.js', require: './dist/index.cjs' },
    }),
  );
  await build({ ...options, outDir: join(home, 'dist'), dts: false, silent: true });
}

/** Runs a program in the folder; returns what it prints, and its warnings. */
function start(program: string, extension: 'mjs' | 'cjs'): { stdout: string; stderr: string } {
  const file = join(folder, `program.${extension}`);
  writeFileSync(file, program);
  return spawnSync(process.execPath, [file], { encoding: 'utf8' });
}

/** Runs a program in the folder, and returns what it prints as JSON. */
function run(program: string, extension: 'mjs' | 'cjs' = 'mjs'): unknown {
  return JSON.parse(start(program, extension).stdout);
}

const REGISTERED = `
  const kernels = tf.getKernelsForBackend('cpu').map(({ kernelName }) => kernelName).sort();
  const gradients = kernels.filter((name) => tf.getGradient(name) !== undefined);
  const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(tf.scalar(1))).sort();
  console.log(JSON.stringify({ kernels, gradients, methods }));`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'transfusion-tfjs-'));
  const workingDirectory = process.cwd();
  process.chdir(packageFolder);
  await install('@transfusion/tfjs', {});
  process.chdir(workingDirectory);
  await install('@transfusion/errors', {
    config: false,
    entry: [require.resolve('@transfusion/errors')],
    format: ['esm', 'cjs'],
  });
  link('@tensorflow/tfjs-core');
  link('@tensorflow/tfjs-backend-cpu');
  return () => rmSync(folder, { recursive: true });
});

test('has all gradients and methods of tensors', () => {
  const full = `const tf = require(${JSON.stringify(require.resolve('@tensorflow/tfjs'))}); ${REGISTERED}`;
  const expected = run(full, 'cjs') as {
    readonly gradients: readonly string[];
    readonly methods: readonly string[];
  };
  expect(expected.gradients.length).toBeGreaterThan(90);
  expect(expected.methods).toContain('matMul');
  expect(run(`import * as tf from '@transfusion/tfjs'; ${REGISTERED}`)).toEqual(expected);
  expect(run(`const tf = require('@transfusion/tfjs'); ${REGISTERED}`, 'cjs')).toEqual(expected);
});

test('differentiates', () => {
  const program = `
    import * as tf from '@transfusion/tfjs';
    const gradient = tf.grad((x) => x.square().mul(3).sum());
    console.log(JSON.stringify([...gradient(tf.tensor1d([1, 2])).dataSync()]));`;
  expect(run(program)).toEqual([6, 12]);
});

test('keeps corrected gradients when the whole of TensorFlow.js is loaded later', () => {
  link('@tensorflow/tfjs');
  const program = `
    import * as tf from '@transfusion/tfjs';
    const gradFunc = () => ({ x: () => tf.scalar(42) });
    tf.unregisterGradient('Neg');
    tf.registerGradient({ kernelName: 'Neg', gradFunc });
    const full = await import('@tensorflow/tfjs');
    console.log(JSON.stringify([tf.getGradient('Neg').gradFunc === gradFunc, full.engine() === tf.engine()]));`;
  expect(run(program)).toEqual([true, true]);
});

test('warns if both builds are loaded', () => {
  const program = `
    import '@transfusion/tfjs';
    import { createRequire } from 'node:module';
    createRequire(import.meta.url)('@transfusion/tfjs');`;
  expect(start(program, 'mjs').stderr).toMatch(
    /@transfusion\/tfjs is loaded twice, .* 1\.2\.3 \(.*index\.js\), and 1\.2\.3 \(.*index\.cjs\)\. .*'import'/,
  );
});
