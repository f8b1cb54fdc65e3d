import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TransfusionError } from '@transfusion/errors';
import { incrementModel, pair } from '../testing-internals/increment-model.js';
import { loadBinding, type BindingHost } from './load-binding.js';
import { ONNX_RUNTIME_VERSION, type NativeBinding } from './native-binding.js';

const require = createRequire(import.meta.url);
const platform = `${process.platform}-${process.arch}`;

/** A `require` of modules by name; an error among them is thrown, as for one that does not load. */
function modules(installed: Readonly<Record<string, unknown>>): BindingHost['require'] {
  return (name) => {
    if (!(name in installed)) throw new Error(`Cannot find module '${name}'\nRequire stack:\n- somewhere`);
    if (installed[name] instanceof Error) throw installed[name];
    return installed[name];
  };
}

/** A binding that counts its initializations. */
function countingBinding(): NativeBinding & { readonly calls: unknown[][] } {
  const calls: unknown[][] = [];
  return { calls, InferenceSession: class {} as never, initOrtOnce: (...args) => void calls.push(args) };
}

const onnxRuntimeNode = (version: string, binding: NativeBinding) => ({
  'onnxruntime-node/package.json': { version },
  'onnxruntime-node/dist/binding.js': {
    binding,
    initOrt: () => binding.initOrtOnce(0, class {} as never, true),
  },
});

function engineMissing(host: BindingHost): string {
  try {
    loadBinding(host);
  } catch (error) {
    if (TransfusionError.isInstance(error) && error.code === 'engine-missing') return error.message;
    throw error;
  }
  throw new Error('expected an error');
}

describe('the package that ONNX Runtime is loaded from', () => {
  const [node, binaries] = [countingBinding(), countingBinding()];
  const ours = { '@transfusion/onnxruntime-linux-x64': binaries };

  it('is that of the platform', () => {
    expect(loadBinding({ require: modules(ours), platform: 'linux-x64' })).toBe(binaries);
    expect(binaries.calls).toEqual([[2, expect.any(Function), expect.any(Boolean)]]);
  });

  it('is onnxruntime-node if installed in the same version', () => {
    const same = modules({ ...ours, ...onnxRuntimeNode(ONNX_RUNTIME_VERSION, node) });
    expect(loadBinding({ require: same, platform: 'linux-x64' })).toBe(node);
    expect(node.calls).toHaveLength(1);
    const other = modules({ ...ours, ...onnxRuntimeNode('1.29.1', node) });
    expect(loadBinding({ require: other, platform: 'linux-x64' })).toBe(binaries);
  });
});

describe('engine-missing', () => {
  it('if optional dependencies were omitted', () => {
    expect(engineMissing({ require: modules({}), platform: 'linux-x64' })).toBe(
      'onnxruntime: @transfusion/onnxruntime-linux-x64 is not installed, expected it as an optional dependency. ' +
        'Install again on linux-x64, without --omit=optional. It requires glibc 2.28 or newer (not musl, as in ' +
        'Alpine Linux).',
    );
  });

  it('on a platform without binaries', () => {
    expect(engineMissing({ require: modules({}), platform: 'freebsd-x64' })).toBe(
      'onnxruntime: there are no binaries for freebsd-x64, expected one of darwin-arm64, linux-arm64, linux-x64, ' +
        'win32-arm64, win32-x64. Select another TensorFlow.js backend on this machine.',
    );
  });

  it('if the binaries do not load, from either package', () => {
    const failure = new Error('The specified module could not be found.\nMore');
    const ours = modules({ '@transfusion/onnxruntime-win32-x64': failure });
    expect(engineMissing({ require: ours, platform: 'win32-x64' })).toBe(
      'onnxruntime: @transfusion/onnxruntime-win32-x64 does not load on win32-x64 (The specified module could not ' +
        'be found.). It requires the Visual C++ Redistributable.',
    );
    const beside = modules({
      '@transfusion/onnxruntime-win32-x64': failure,
      'onnxruntime-node/package.json': { version: '1.24.3' },
    });
    expect(engineMissing({ require: beside, platform: 'win32-x64' })).toContain(
      'Redistributable, and that onnxruntime-node 1.24.3, which is installed, is not loaded in the same process.',
    );
    const node = modules({
      'onnxruntime-node/package.json': { version: ONNX_RUNTIME_VERSION },
      'onnxruntime-node/dist/binding.js': failure,
    });
    expect(engineMissing({ require: node, platform: 'win32-x64' })).toContain(
      'onnxruntime-node does not load on',
    );
  });
});

describe('package.json', () => {
  const manifest = (path: string) =>
    JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as Record<
      string,
      Record<string, string>
    >;
  const own = manifest('../../package.json');
  const packages = Object.keys(own.optionalDependencies);

  it('has the version of ONNX Runtime', () => {
    expect(own.devDependencies['onnxruntime-node']).toBe(ONNX_RUNTIME_VERSION);
  });

  it.each(packages)('names %s, which the loader knows', (name) => {
    const require = modules({ [name]: countingBinding() });
    expect(loadBinding({ require, platform: name.replace('@transfusion/onnxruntime-', '') })).toBeDefined();
  });
});

describe('the real binaries', () => {
  function increment(binding: NativeBinding): number[] {
    const model = incrementModel();
    const session = new binding.InferenceSession();
    session.loadModel(model.buffer, model.byteOffset, model.byteLength, { logSeverityLevel: 4 });
    const { t0 } = session.run({ x0: pair(Float32Array.of(1, 2)) }, { t0: null }, {});
    session.dispose();
    return [...(t0.data as Float32Array)];
  }

  it('compute from onnxruntime-node', () => {
    expect(increment(loadBinding({ require, platform }))).toEqual([2, 3]);
  });

  it.skipIf(!platform.startsWith('linux-'))('compute from the packed files of the platform (Linux)', () => {
    const temporary = mkdtempSync(join(tmpdir(), 'load-binding-'));
    onTestFinished(() => rmSync(temporary, { recursive: true }));
    const source = fileURLToPath(new URL(`../../../onnxruntime-binaries/${platform}`, import.meta.url));
    const installed = join(temporary, 'node_modules/@transfusion', `onnxruntime-${platform}`);
    cpSync(join(source, 'package.json'), join(installed, 'package.json'));
    const copy = fileURLToPath(new URL('../../../../tools/setup/copy-binaries.mjs', import.meta.url));
    execFileSync(process.execPath, [copy, installed], { cwd: source });

    const requireInstalled = createRequire(join(temporary, 'program.js'));
    const onlyOurs: BindingHost['require'] = (name) => {
      if (name.startsWith('@transfusion/')) return requireInstalled(name);
      throw new Error(`${name} is not installed`);
    };
    expect(increment(loadBinding({ require: onlyOurs, platform }))).toEqual([2, 3]);
  });
});
