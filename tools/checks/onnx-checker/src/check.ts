/** Exports every sample and runs the ONNX checker on the files. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@transfusion/tfjs';
import { exportDynamicOnnx, exportOnnx } from '@transfusion/tfjs-backend-onnxruntime';
import { decoder, samples } from './samples.js';

const CHECKER = `
import sys, onnx
for path in sys.argv[1:]:
    onnx.checker.check_model(path, full_check=True)
    model = onnx.load(path)
    print(f"{path.split('/')[-1]:24} {len(model.graph.node):5} nodes   valid (onnx {onnx.__version__})")
`;

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** The Python of a virtual environment that has the checker; made at the first run. */
function pythonWithChecker(): string {
  const here = fileURLToPath(new URL('..', import.meta.url));
  const environment = join(here, 'node_modules', '.cache', 'python');
  const python = join(environment, 'bin', 'python');
  if (!existsSync(python)) {
    mkdirSync(environment, { recursive: true });
    run('python3', ['-m', 'venv', environment]);
    run(python, ['-m', 'pip', 'install', '--quiet', '-r', join(here, 'requirements.txt')]);
  }
  return python;
}

const python = pythonWithChecker();
const folder = mkdtempSync(join(tmpdir(), 'onnx-checker-'));
try {
  await tf.setBackend('onnxruntime');
  const paths = samples().map(({ name, fn, inputs }) => {
    const path = join(folder, `${name.replaceAll(' ', '-')}.onnx`);
    exportOnnx(fn, inputs, { path });
    return path;
  });
  const { fn, ...options } = decoder();
  for (const precision of ['single', 'half', 'int8'] as const) {
    const path = join(folder, `${options.name}-${precision}.onnx`);
    exportDynamicOnnx(fn, { ...options, precision, path });
    paths.push(path);
  }
  run(python, ['-c', CHECKER, ...paths]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
